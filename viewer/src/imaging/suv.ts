/**
 * From activity to standardised uptake by body weight, by what the header says alone: PS3.3 C.8.9.1 (PET Series) and
 * C.8.9.2 (PET Isotope), as the vendor-neutral way of the QIBA FDG-PET profile has it. What is not said is not guessed.
 */
import { type DataSet, item, number, text, texts } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

/** A moment in seconds, from DA and TM or from DT; fractions of seconds do not matter here. */
function seconds(date: string | undefined, time: string | undefined): number | undefined {
  const day = /^(\d{4})(\d{2})(\d{2})/.exec(date ?? '');
  const clock = /^(\d{2})(\d{2})(\d{2})?/.exec(time ?? '');
  return day && clock
    ? Date.UTC(
        Number(day[1]),
        Number(day[2]) - 1,
        Number(day[3]),
        Number(clock[1]),
        Number(clock[2]),
        Number(clock[3] ?? 0),
      ) / 1000
    : undefined;
}

function injected(pharmaceutical: DataSet, seriesDate: string | undefined): number | undefined {
  const moment = text(pharmaceutical, Tag.RadiopharmaceuticalStartDateTime);
  return moment === undefined
    ? seconds(seriesDate, text(pharmaceutical, Tag.RadiopharmaceuticalStartTime))
    : seconds(moment.slice(0, 8), moment.slice(8));
}

/** What values in Bq/ml are multiplied by; undefined if the header does not say enough. */
export function suvFactor(instance: DataSet): number | undefined {
  const pharmaceutical = item(instance, Tag.RadiopharmaceuticalInformationSequence);
  const weightKg = number(instance, Tag.PatientWeight) ?? 0;
  const dose = (pharmaceutical && number(pharmaceutical, Tag.RadionuclideTotalDose)) ?? 0;
  const corrections = texts(instance, Tag.CorrectedImage);
  const isMeant = text(instance, Tag.Units) === 'BQML' && ['ATTN', 'DECY'].every((each) => corrections.includes(each));
  if (!pharmaceutical || !isMeant || !(weightKg > 0) || !(dose > 0)) {
    return undefined;
  }
  const grams = weightKg * 1000;
  switch (text(instance, Tag.DecayCorrection)) {
    case 'ADMIN':
      return grams / dose;
    case 'START': {
      const seriesDate = text(instance, Tag.SeriesDate);
      const start = seconds(seriesDate, text(instance, Tag.SeriesTime));
      const acquired = seconds(text(instance, Tag.AcquisitionDate), text(instance, Tag.AcquisitionTime));
      const since = injected(pharmaceutical, seriesDate);
      const halfLife = number(pharmaceutical, Tag.RadionuclideHalfLife) ?? 0;
      // A series whose time is after its images was made of them later, and its time is not that of the scan.
      const isKnown = start !== undefined && since !== undefined && since <= start && halfLife > 0;
      return isKnown && (acquired === undefined || start <= acquired)
        ? grams / (dose * 2 ** (-(start - since) / halfLife))
        : undefined;
    }
    default:
      return undefined;
  }
}
