/**
 * The grey scale of a presentation state in place of the image's (PS3.4 N.2.1, Grayscale Transformations; PS3.3 C.11.1,
 * C.11.8 and C.11.6): modality, VOI and presentation transformation, each as the state has it. What it leaves out is left
 * out, whatever the image says. The result is a window of the values that the viewer has, which are those of the image.
 */
import { type DataSet, item, items, number, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { Frame } from '../imaging/frames';
import { type LookupTable, lookedUp, lookupTableOf } from '../imaging/lookupTable';
import { rangeOf, shade, type VoiWindow, windowOf, windowsOf } from '../imaging/window';
import { isMeant } from './state';
import { PresentationTag } from './tags';

export interface GreyScale {
  readonly window: VoiWindow;
  readonly isInverted: boolean;
}

interface Line {
  readonly slope: number;
  readonly intercept: number;
}

type Modality = Line | LookupTable;

function isTable(modality: Modality): modality is LookupTable {
  return 'entries' in modality;
}

/** From stored values on; a functional group says it in place of the instance (C.7.6.16.2.9). */
function modalityOf(...sources: readonly (DataSet | undefined)[]): Modality {
  for (const source of sources) {
    const sequence = source && item(source, Tag.ModalityLutSequence);
    const table = sequence && lookupTableOf(sequence);
    if (table) {
      return table;
    }
    const slope = source && number(source, Tag.RescaleSlope);
    if (source && slope !== undefined && slope !== 0) {
      return { slope, intercept: number(source, Tag.RescaleIntercept) ?? 0 };
    }
  }
  return { slope: 1, intercept: 0 };
}

function modalityOfImage(instance: DataSet, frameNumber: number): Modality {
  const groups = [
    items(instance, Tag.PerFrameFunctionalGroups)[frameNumber - 1],
    item(instance, Tag.SharedFunctionalGroups),
  ];
  return modalityOf(...groups.map((group) => group && item(group, Tag.PixelValueTransformationSequence)), instance);
}

function isSameTable(a: LookupTable, b: LookupTable): boolean {
  return (
    a.firstValue === b.firstValue &&
    a.entries.length === b.entries.length &&
    a.entries.every((entry, at) => entry === b.entries[at])
  );
}

/** From values of the viewer to modality values of the state; undefined if they cannot be had any more. */
function between(image: Modality, state: Modality): ((value: number) => number) | undefined {
  if (isTable(image)) {
    return isTable(state) && isSameTable(image, state) ? (value) => value : undefined;
  }
  const stored = (value: number) => (value - image.intercept) / image.slope;
  return isTable(state)
    ? (value) => lookedUp(state, stored(value))
    : (value) => state.slope * stored(value) + state.intercept;
}

/** The values that the viewer may have of an image. */
function valuesOf(image: Modality, instance: DataSet): readonly [number, number] {
  if (isTable(image)) {
    return [0, image.most];
  }
  const span = 2 ** Math.min(number(instance, Tag.BitsStored) ?? 16, 16);
  const least = number(instance, Tag.PixelRepresentation) === 1 ? -span / 2 : 0;
  const ends = [least, least + span - 1].map((stored) => image.slope * stored + image.intercept);
  return [Math.min(...ends), Math.max(...ends)];
}

/** A window as it is of other values that rise along with its own. */
function converted(window: VoiWindow, slope: number, intercept: number): VoiWindow {
  if (slope === 1 && intercept === 0) {
    return window;
  }
  if (window.voiFunction === 'SIGMOID') {
    return { ...window, center: (window.center - intercept) / slope, width: window.width / slope };
  }
  const { lower, upper } = rangeOf(window);
  const { explanation } = window;
  const range = { lower: (lower - intercept) / slope, upper: (upper - intercept) / slope };
  const kind = slope === 1 ? window.voiFunction : 'LINEAR_EXACT';
  return { ...windowOf(range, kind), ...(explanation ? { explanation } : {}) };
}

const mostEntries = 65_536;
const white = 0xffff;

/** The grey scale of a state for a frame; undefined if the image's own values do not lead there. */
export function greyScaleOf(state: DataSet, frame: Frame, instance: DataSet): GreyScale | undefined {
  const image = modalityOfImage(instance, frame.frameNumber);
  const modality = modalityOf(state);
  const toModality = between(image, modality);
  if (!toModality) {
    return undefined;
  }
  const [least, most] = valuesOf(image, instance);
  const meant = items(state, Tag.SoftcopyVoiLutSequence).find((each) => isMeant(each, frame));
  const [named] = meant ? windowsOf(meant) : [];
  const ends = isTable(modality) ? [0, modality.most] : [toModality(least), toModality(most)];
  const voi = named ?? windowOf({ lower: Math.min(...ends), upper: Math.max(...ends) });
  const presentation = item(state, Tag.PresentationLutSequence);
  const table = presentation && lookupTableOf(presentation);
  const isInverted = !table && text(state, PresentationTag.PresentationLutShape) === 'INVERSE';
  const intercept = toModality(0);
  const slope = toModality(1) - intercept;
  if (!table && !isTable(modality) && voi.table === undefined && slope > 0) {
    return { window: converted(voi, slope, intercept), isInverted };
  }
  if (!isTable(modality) && !table && slope === 1 && voi.table && Number.isInteger(intercept)) {
    const { firstValue } = voi.table;
    const center = voi.center - intercept;
    return { window: { ...voi, center, table: { ...voi.table, firstValue: firstValue - intercept } }, isInverted };
  }
  // One table for all of it, by whole values: of values between these it would be coarser than the image is.
  const isWhole = isTable(image) || (Number.isInteger(image.slope) && Number.isInteger(image.intercept));
  const count = most - least + 1;
  if (!isWhole || !(count <= mostEntries)) {
    return undefined;
  }
  const shown = (value: number) => {
    const share = shade(voi, toModality(value));
    return table ? lookedUp(table, table.firstValue + share * (table.entries.length - 1)) / table.most : share;
  };
  const entries = Uint16Array.from({ length: count }, (_, at) => Math.round(Math.min(shown(least + at), 1) * white));
  const whole = windowOf({ lower: least, upper: most });
  const { explanation } = voi;
  return {
    window: { ...whole, table: { firstValue: least, entries, most: white }, ...(explanation ? { explanation } : {}) },
    isInverted,
  };
}
