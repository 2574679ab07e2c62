/** What the values of an image count (PS3.3 C.11.1.1.2, Modality LUT Type and Rescale Type; C.8.9.1, Units of PET). */
import { type DataSet, item, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

/** Said of values that have no unit, and of those whose unit nobody knows. */
const unspecified = new Set(['US', 'NONE', '']);

/** HU, a text of the header, or `none`. */
export function valueUnit(instance: DataSet): string {
  const table = item(instance, Tag.ModalityLutSequence);
  const said = table
    ? text(table, Tag.ModalityLutType)
    : (text(instance, Tag.RescaleType) ?? text(instance, Tag.Units));
  if (said !== undefined) {
    return unspecified.has(said) ? 'none' : said;
  }
  // CT images need not say it: their values are HU unless they say something else (C.8.2.1.1.5, Rescale Type).
  const isRescaledCt =
    text(instance, Tag.Modality) === 'CT' && !table && instance[Tag.RescaleIntercept]?.Value !== undefined;
  return isRescaledCt ? 'HU' : 'none';
}
