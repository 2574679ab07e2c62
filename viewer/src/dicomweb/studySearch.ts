/** Addresses of searches for studies (QIDO-RS, PS3.18 section 10.6), with the attributes that the study list shows. */
import { Tag } from './tags';
import type { StudyInstanceUid } from './uid';
import { studiesUrl } from './urls';

const returned = [
  Tag.PatientName,
  Tag.PatientId,
  Tag.IssuerOfPatientId,
  Tag.PatientSex,
  Tag.PatientBirthDate,
  Tag.PatientAge,
  Tag.StudyDate,
  Tag.StudyTime,
  Tag.StudyDescription,
  Tag.AccessionNumber,
  Tag.ModalitiesInStudy,
  Tag.NumberOfStudyRelatedSeries,
  Tag.NumberOfStudyRelatedInstances,
].join(',');

/** A page of a search: match keys by keyword, at most `limit` studies after `offset`. */
export function studySearchUrl(
  keys: URLSearchParams,
  page: { readonly offset: number; readonly limit: number },
): string {
  const parameters = new URLSearchParams(keys);
  parameters.set('includefield', returned);
  parameters.set('limit', String(page.limit));
  parameters.set('offset', String(page.offset));
  return studiesUrl(parameters);
}

/** The search for one study. */
export function studyUrl(uid: StudyInstanceUid): string {
  return studySearchUrl(new URLSearchParams({ StudyInstanceUID: uid }), { offset: 0, limit: 1 });
}
