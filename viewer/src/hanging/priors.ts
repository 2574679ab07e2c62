/** The patient's other studies: which there are, how long before, and which of them is most worth comparing with. */
import { text } from '../dicomweb/dataSet';
import { fetchDataSets } from '../dicomweb/fetch';
import { parseSeries, type Series } from '../dicomweb/series';
import { type Study, searchStudies } from '../dicomweb/studies';
import { Tag } from '../dicomweb/tags';
import { allSeriesUrl } from '../dicomweb/urls';
import { parseDate } from '../imaging/dates';
import { isImageModality } from '../imaging/imageModality';
import { bodyParts } from './bodyPart';
import { isOfSamePatient, isSurelyOfSamePatient } from './patient';

/** Studies that are asked for, newest first; who has more is looked up in the study list. */
const mostStudies = 200;
const mostSeries = 2000;

export interface Prior {
  readonly study: Study;
  readonly bodyParts: ReadonlySet<string>;
  /** Days before the study that is read; negative for a later one. Undefined if a date is missing. */
  readonly daysBefore: number | undefined;
  readonly isSameBodyPart: boolean;
  /** Everything else that is known of the patient agrees as well. */
  readonly isSure: boolean;
}

const dayMs = 86_400_000;

export function daysBetween(earlier: string | undefined, later: string | undefined): number | undefined {
  const [from, to] = [parseDate(earlier), parseDate(later)];
  return from && to && Math.round((to.getTime() - from.getTime()) / dayMs);
}

/** Those of the same body part first, then the nearest in time. */
function compare(a: Prior, b: Prior): number {
  const distance = ({ daysBefore }: Prior) =>
    daysBefore === undefined ? Number.MAX_SAFE_INTEGER : Math.abs(daysBefore);
  return Number(b.isSameBodyPart) - Number(a.isSameBodyPart) || distance(a) - distance(b);
}

/** The priors among studies that a search found, in the order of their list. */
export function priorsOf(
  read: { readonly study: Study; readonly list: readonly Series[] },
  found: readonly Study[],
  seriesOf: ReadonlyMap<string, readonly Series[]>,
): Prior[] {
  const own = bodyParts(read.list, read.study.studyDescription);
  return found
    .filter((study) => study.studyInstanceUid !== read.study.studyInstanceUid && isOfSamePatient(study, read.study))
    .map((study): Prior => {
      const parts = bodyParts(seriesOf.get(study.studyInstanceUid) ?? [], study.studyDescription);
      return {
        study,
        bodyParts: parts,
        daysBefore: daysBetween(study.studyDate, read.study.studyDate),
        isSameBodyPart: [...parts].some((part) => own.has(part)),
        isSure: isSurelyOfSamePatient(study, read.study),
      };
    })
    .sort(compare);
}

/** The one to compare with: the nearest earlier one of the same modality and body part, if it surely is the same person. */
export function nearestPrior(study: Study, list: readonly Series[], priors: readonly Prior[]): Prior | undefined {
  const modalities = new Set(list.map(({ modality }) => modality).filter(isImageModality));
  const known = bodyParts(list, study.studyDescription).size > 0;
  return priors.find(
    (prior) =>
      prior.isSure &&
      prior.daysBefore !== undefined &&
      prior.daysBefore >= 0 &&
      prior.study.modalities.some((modality) => modalities.has(modality)) &&
      (prior.isSameBodyPart || (!known && prior.bodyParts.size === 0)),
  );
}

/** Asks for the patient's other studies. */
export async function fetchPriors(study: Study, list: readonly Series[], signal: AbortSignal): Promise<Prior[]> {
  if (study.patientId === undefined) {
    return [];
  }
  const keys = new URLSearchParams({ PatientID: study.patientId });
  if (study.issuerOfPatientId !== undefined) {
    keys.set('IssuerOfPatientID', study.issuerOfPatientId);
  }
  const found = await searchStudies(keys, { offset: 0, limit: mostStudies }, signal);
  if (found.length < 2) {
    return [];
  }
  const ofSeries = new URLSearchParams(keys);
  ofSeries.set('includefield', [Tag.BodyPartExamined, Tag.SeriesDescription, Tag.Modality].join(','));
  ofSeries.set('limit', String(mostSeries));
  const seriesOf = new Map<string, Series[]>();
  for (const dataSet of await fetchDataSets(allSeriesUrl(ofSeries), signal)) {
    const series = parseSeries(dataSet);
    const uid = text(dataSet, Tag.StudyInstanceUid);
    if (series && uid) {
      seriesOf.set(uid, [...(seriesOf.get(uid) ?? []), series]);
    }
  }
  return priorsOf({ study, list }, found, seriesOf);
}
