/** From values to shades: windows, and tables in their place (PS3.3 C.11.2, VOI LUT Module). */
import { type DataSet, items, numberAt, text, textAt } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { type LookupTable, lookedUp, lookupTableOf } from './lookupTable';
import { isMeasured, type Padding } from './padding';

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

export interface VoiWindow {
  readonly center: number;
  readonly width: number;
  /** What its author calls it: text of a peer. */
  readonly explanation?: string;
  readonly voiFunction: VoiFunction;
  /** A VOI LUT; centre and width are then those of the values that have an entry. */
  readonly table?: LookupTable;
}

export interface VoiRange {
  readonly lower: number;
  readonly upper: number;
}

/** A LINEAR width below 1 is illegal (C.11.2.1.2.1); floating point images have it and mean the exact one. */
function voiFunction(named: string | undefined, width: number): VoiFunction {
  return named === 'SIGMOID' ? named : named === 'LINEAR_EXACT' || width < 1 ? 'LINEAR_EXACT' : 'LINEAR';
}

const knownTables = new WeakMap<readonly unknown[], readonly VoiWindow[]>();

/** The tables of a VOI LUT Sequence, read once for all frames that have them. */
function tablesOf(dataSet: DataSet): readonly VoiWindow[] {
  const sequence = dataSet[Tag.VoiLutSequence]?.Value;
  if (!sequence) {
    return [];
  }
  const tables =
    knownTables.get(sequence) ??
    items(dataSet, Tag.VoiLutSequence).flatMap((item) => {
      const table = lookupTableOf(item);
      const explanation = text(item, Tag.LutExplanation);
      return table ? [{ ...windowOf(inputRange(table)), table, ...(explanation ? { explanation } : {}) }] : [];
    });
  knownTables.set(sequence, tables);
  return tables;
}

function inputRange({ firstValue, entries }: LookupTable): VoiRange {
  return { lower: firstValue, upper: firstValue + entries.length - 1 };
}

/**
 * The windows that an image or functional group names, and then its tables: alternatives (C.11.2.1.2), of which the first
 * is shown. Every function wants a width above 0: others are left out.
 */
export function windowsOf(dataSet: DataSet): VoiWindow[] {
  const named = text(dataSet, Tag.VoiLutFunction);
  const windows = (dataSet[Tag.WindowCenter]?.Value ?? []).flatMap((_, place): VoiWindow[] => {
    const center = numberAt(dataSet, Tag.WindowCenter, place);
    const width = numberAt(dataSet, Tag.WindowWidth, place);
    const explanation = textAt(dataSet, Tag.WindowCenterWidthExplanation, place);
    return center !== undefined && width !== undefined && width > 0
      ? [{ center, width, voiFunction: voiFunction(named, width), ...(explanation ? { explanation } : {}) }]
      : [];
  });
  return [...windows, ...tablesOf(dataSet)];
}

/** Whether brightness rises evenly with the value. */
export function isStraight({ voiFunction: kind, table }: VoiWindow): boolean {
  return kind !== 'SIGMOID' && table === undefined;
}

/**
 * The values between which it gets brighter (C.11.2.1.2.1 for LINEAR, C.11.2.1.3.2 for LINEAR_EXACT). SIGMOID
 * (C.11.2.1.3.1) never ends: beyond its range it is less than a thousandth from black and white.
 */
export function rangeOf({ center, width, voiFunction: kind }: VoiWindow): VoiRange {
  switch (kind) {
    case 'LINEAR':
      return { lower: center - 0.5 - (width - 1) / 2, upper: center - 0.5 + (width - 1) / 2 };
    case 'LINEAR_EXACT':
      return { lower: center - width / 2, upper: center + width / 2 };
    case 'SIGMOID':
      return { lower: center - 2 * width, upper: center + 2 * width };
  }
}

/** Where a value falls: 0 is black, 1 is white. The slope of the linear functions is that between the ends of their range. */
export function shade(window: VoiWindow, value: number): number {
  if (window.table) {
    return lookedUp(window.table, value) / window.table.most;
  }
  if (window.voiFunction === 'SIGMOID') {
    return 1 / (1 + Math.exp((-4 * (value - window.center)) / window.width));
  }
  const { lower, upper } = rangeOf(window);
  return value <= lower ? 0 : value > upper ? 1 : (value - lower) / (upper - lower);
}

/** A point of the line that a window is drawn by. */
export interface ShadePoint {
  readonly value: number;
  readonly shade: number;
}

/** Straight pieces for SIGMOID: none is off by more than a twentieth of the steps that a screen has. */
const sigmoidPieces = 256;
/** More than this a graphics card does not tell apart. */
const mostTablePieces = 1024;

/** The points to draw a window by, with straight lines between them. */
export function curveOf(window: VoiWindow): readonly ShadePoint[] {
  const { lower, upper } = rangeOf(window);
  if (isStraight(window)) {
    // A width of 1 is a step; a graphics card wants a slope, and tells values apart in single precision.
    const least = Math.max(Math.abs(lower), 1) * 2 ** -20;
    return [
      { value: lower, shade: 0 },
      { value: Math.max(upper, lower + least), shade: 1 },
    ];
  }
  const pieces = window.table ? Math.min(Math.max(upper - lower, 1), mostTablePieces) : sigmoidPieces;
  return Array.from({ length: pieces + 1 }, (_, at) => {
    const along = lower + ((upper - lower) * at) / pieces;
    const value = window.table ? Math.round(along) : along;
    return { value, shade: shade(window, value) };
  });
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
 * A step is a share of the present width, so that one hand movement suits CT and a 16 bit X-ray alike. It is no longer
 * what its author named, and no table.
 */
export function draggedWindow(window: VoiWindow, dx: number, dy: number): VoiWindow {
  const step = Math.max(window.width / 300, 0.001);
  const least = window.voiFunction !== 'LINEAR' ? 0.01 : window.width >= 2 ? 2 : 1;
  return {
    width: Math.max(window.width + dx * step, least),
    center: window.center + dy * step,
    voiFunction: window.voiFunction,
  };
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
