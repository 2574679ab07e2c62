/** Search for studies (QIDO-RS, PS3.18 section 10.6) and the rows it gives the study list. */
import { type DataSet, number, personName, text, texts } from './dataSet';
import { fetchDataSets } from './fetch';
import { studySearchUrl, studyUrl } from './studySearch';
import { Tag } from './tags';
import { type StudyInstanceUid, studyInstanceUid } from './uid';

/** One study as the list and the viewer's header show it. */
export interface Study {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly patientName: string | undefined;
  readonly patientId: string | undefined;
  readonly issuerOfPatientId: string | undefined;
  readonly patientSex: string | undefined;
  readonly patientBirthDate: string | undefined;
  readonly patientAge: string | undefined;
  readonly studyDate: string | undefined;
  readonly studyTime: string | undefined;
  readonly studyDescription: string | undefined;
  readonly accessionNumber: string | undefined;
  readonly modalities: readonly string[];
  readonly seriesCount: number | undefined;
  readonly instanceCount: number | undefined;
}

/** Reads a study; undefined if the answer names none. */
export function parseStudy(dataSet: DataSet): Study | undefined {
  const uid = studyInstanceUid(text(dataSet, Tag.StudyInstanceUid));
  if (!uid) {
    return undefined;
  }
  return {
    studyInstanceUid: uid,
    patientName: personName(dataSet, Tag.PatientName),
    patientId: text(dataSet, Tag.PatientId),
    issuerOfPatientId: text(dataSet, Tag.IssuerOfPatientId),
    patientSex: text(dataSet, Tag.PatientSex),
    patientBirthDate: text(dataSet, Tag.PatientBirthDate),
    patientAge: text(dataSet, Tag.PatientAge),
    studyDate: text(dataSet, Tag.StudyDate),
    studyTime: text(dataSet, Tag.StudyTime),
    studyDescription: text(dataSet, Tag.StudyDescription),
    accessionNumber: text(dataSet, Tag.AccessionNumber),
    modalities: texts(dataSet, Tag.ModalitiesInStudy).filter((modality) => modality !== ''),
    seriesCount: number(dataSet, Tag.NumberOfStudyRelatedSeries),
    instanceCount: number(dataSet, Tag.NumberOfStudyRelatedInstances),
  };
}

/** One page of a search: match keys by keyword, at most `limit` studies after `offset`. */
export async function searchStudies(
  keys: URLSearchParams,
  page: { readonly offset: number; readonly limit: number },
  signal: AbortSignal,
): Promise<Study[]> {
  const dataSets = await fetchDataSets(studySearchUrl(keys, page), signal);
  return dataSets.flatMap((dataSet) => parseStudy(dataSet) ?? []);
}

/** One study by its UID. */
export async function fetchStudy(uid: StudyInstanceUid, signal: AbortSignal): Promise<Study | undefined> {
  const [study] = (await fetchDataSets(studyUrl(uid), signal)).map(parseStudy);
  return study;
}
