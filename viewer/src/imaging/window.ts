/** Window centre and width (PS3.3 C.11.2, VOI LUT Module). */
import { type DataSet, numbers, text, texts } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { isMeasured, type Padding } from './padding';

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

export interface VoiWindow {
  readonly center: number;
  readonly width: number;
  readonly explanation?: string;
  readonly voiFunction: VoiFunction;
}

export interface VoiRange {
  readonly lower: number;
  readonly upper: number;
}

function voiFunction(value: string | undefined): VoiFunction {
  return value === 'LINEAR_EXACT' || value === 'SIGMOID' ? value : 'LINEAR';
}

/** The windows that an image or functional group names; those without a width are left out. */
export function windowsOf(dataSet: DataSet): VoiWindow[] {
  const centers = numbers(dataSet, Tag.WindowCenter);
  const widths = numbers(dataSet, Tag.WindowWidth);
  const explanations = texts(dataSet, Tag.WindowCenterWidthExplanation);
  const kind = voiFunction(text(dataSet, Tag.VoiLutFunction));
  return centers.flatMap((center, index) => {
    const width = widths[index];
    const explanation = explanations[index];
    return width !== undefined && width > 0
      ? [{ center, width, voiFunction: kind, ...(explanation ? { explanation } : {}) }]
      : [];
  });
}

/** The values shown black and white (C.11.2.1.2.1 for LINEAR, C.11.2.1.3.2 for LINEAR_EXACT). */
export function rangeOf({ center, width, voiFunction: kind }: VoiWindow): VoiRange {
  if (kind === 'LINEAR') {
    return { lower: center - 0.5 - (width - 1) / 2, upper: center - 0.5 + (width - 1) / 2 };
  }
  return { lower: center - width / 2, upper: center + width / 2 };
}

/** The window that shows these values black and white. */
export function windowOf({ lower, upper }: VoiRange, kind: VoiFunction = 'LINEAR'): VoiWindow {
  const width = Math.max(upper - lower, minimumSpan(upper - lower));
  return kind === 'LINEAR'
    ? { center: (lower + upper) / 2 + 0.5, width: width + 1, voiFunction: kind }
    : { center: (lower + upper) / 2, width, voiFunction: kind };
}

function minimumSpan(span: number): number {
  return span > 0 ? span : 1;
}

/**
 * The window after dragging: to the right widens, upwards brightens (lowers the centre moves down the screen's way).
 * A step is a share of the present width, so that one hand movement suits CT and a 16 bit X-ray alike.
 */
export function draggedWindow(window: VoiWindow, dx: number, dy: number): VoiWindow {
  const step = Math.max(window.width / 300, 0.001);
  const least = window.voiFunction === 'LINEAR' && window.width >= 2 ? 2 : 0.01;
  return { ...window, width: Math.max(window.width + dx * step, least), center: window.center + dy * step };
}

/** The window that suits these values, as those of an image that names none: between the 0.5th and 99.5th percentile, padding left out. */
export function automaticWindow(pixels: ArrayLike<number>, padding: Padding | undefined): VoiWindow {
  const most = 65_536;
  const stride = Math.max(1, Math.floor(pixels.length / most));
  const sample: number[] = [];
  for (let at = 0; at < pixels.length; at += stride) {
    const value = pixels[at] ?? 0;
    if (isMeasured(value, padding)) {
      sample.push(value);
    }
  }
  if (sample.length === 0) {
    return { center: 0.5, width: 2, voiFunction: 'LINEAR' };
  }
  sample.sort((a, b) => a - b);
  const at = (share: number) => sample[Math.round(share * (sample.length - 1))] ?? 0;
  const [low, high] = at(0.995) > at(0.005) ? [at(0.005), at(0.995)] : [at(0), at(1)];
  return windowOf(
    { lower: low, upper: high },
    Number.isInteger(low) && Number.isInteger(high) ? 'LINEAR' : 'LINEAR_EXACT',
  );
}

/** The lowest and the highest of these values, padding left out; undefined if nothing is left. */
export function fullRange(pixels: ArrayLike<number>, padding: Padding | undefined): VoiRange | undefined {
  let [lower, upper] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < pixels.length; at += 1) {
    const value = pixels[at] ?? Number.NaN;
    if (isMeasured(value, padding)) {
      lower = Math.min(lower, value);
      upper = Math.max(upper, value);
    }
  }
  return lower <= upper ? { lower, upper } : undefined;
}
