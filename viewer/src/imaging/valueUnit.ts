/** What the values of an image count (PS3.3 C.11.1.1.2, Modality LUT Type and Rescale Type; C.8.9.1, Units of PET). */
import { type DataSet, item, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { suvFactor } from './suv';

export interface ValueMeaning {
  /** HU, SUVbw, a text of the header, or `none`. */
  readonly unit: string;
  /** What modality values are multiplied by to be in this unit. */
  readonly factor: number;
  /** Whether compression changed them (PS3.3 C.7.6.1.1.5, Lossy Image Compression). */
  readonly isLossy: boolean;
}

/** Said of values that have no unit, and of those whose unit nobody knows. */
const unspecified = new Set(['US', 'NONE']);

function unitOf(instance: DataSet, groups: readonly DataSet[]): string {
  const table = item(instance, Tag.ModalityLutSequence);
  const transformations = groups.map((group) => item(group, Tag.PixelValueTransformationSequence));
  const said = table
    ? text(table, Tag.ModalityLutType)
    : [...transformations, instance]
        .map((each) => each && text(each, Tag.RescaleType))
        .find((type) => type !== undefined);
  if (said !== undefined) {
    return unspecified.has(said) ? 'none' : said;
  }
  // CT images need not say it: their values are HU unless they say something else (C.8.2.1.1.5, Rescale Type).
  const isRescaledCt =
    text(instance, Tag.Modality) === 'CT' && !table && instance[Tag.RescaleIntercept]?.Value !== undefined;
  return isRescaledCt ? 'HU' : (text(instance, Tag.Units) ?? 'none');
}

/** What the values of a frame are, by its functional groups and its instance. */
export function valuesOf(instance: DataSet, groups: readonly DataSet[]): ValueMeaning {
  const isLossy = text(instance, Tag.LossyImageCompression) === '01';
  const factor = text(instance, Tag.Modality) === 'PT' ? suvFactor(instance) : undefined;
  // GML: grams per millilitre, which is SUV by body weight already (C.8.9.1.1.3, Units).
  const isUptake = factor !== undefined || text(instance, Tag.Units) === 'GML';
  return { unit: isUptake ? 'SUVbw' : unitOf(instance, groups), factor: factor ?? 1, isLossy };
}
