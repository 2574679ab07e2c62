/** The study list as the server pages it, with what this account has read, and the filters that it keeps. */
import * as v from 'valibot';
import { readablePersonName } from '../dicomweb/dataSet';
import type { Study } from '../dicomweb/studies';
import { type StudyInstanceUid, studyInstanceUid } from '../dicomweb/uid';
import { request } from './request';

/** How far a study is, as far as the archive can tell. */
export const studyStates = ['arriving', 'incomplete', 'complete', 'received'] as const;
export type StudyState = (typeof studyStates)[number];

/** Whether this account has read a study; `changed`: it has, and there are other images since. */
export type ReadMark = 'unread' | 'read' | 'changed';

const texts = v.array(v.string());
const rowSchema = v.object({
  study: v.string(),
  patient_name: v.string(),
  patient_id: v.string(),
  issuer_of_patient_id: v.string(),
  patient_sex: v.string(),
  patient_birth_date: v.string(),
  patient_age: v.string(),
  study_date: v.string(),
  study_time: v.string(),
  study_description: v.string(),
  accession_number: v.string(),
  modalities: texts,
  body_parts: texts,
  institutions: texts,
  series: v.number(),
  instances: v.number(),
  priors: v.number(),
  state: v.picklist(studyStates),
  missing: v.number(),
  awaited: v.number(),
  read: v.picklist(['unread', 'read', 'changed']),
});
const pageSchema = v.object({ studies: v.array(rowSchema), next: v.optional(v.nullable(v.string())) });
const savedSchema = v.array(
  v.object({ name: v.string(), filters: v.record(v.string(), v.string()), opens: v.boolean() }),
);

/** A row of the list. */
export interface ListedStudy extends Study {
  readonly bodyParts: readonly string[];
  readonly institutions: readonly string[];
  /** How many other studies the patient has. */
  readonly priors: number;
  readonly state: StudyState;
  /** How many instances a machine says that it made and that are not here. */
  readonly missing: number;
  /** How many steps of its order wait for a machine. */
  readonly awaited: number;
  readonly read: ReadMark;
}

/** A page of the list; `next` is where the one behind it begins. */
export interface StudyPage {
  readonly studies: readonly ListedStudy[];
  readonly next: string | undefined;
}

/** A filter that the account keeps. */
export type SavedFilter = v.InferOutput<typeof savedSchema>[number];

function listed(row: v.InferOutput<typeof rowSchema>): ListedStudy | undefined {
  const uid = studyInstanceUid(row.study);
  return uid === undefined
    ? undefined
    : {
        studyInstanceUid: uid,
        patientName: readablePersonName(row.patient_name),
        patientId: row.patient_id || undefined,
        patientSex: row.patient_sex || undefined,
        patientBirthDate: row.patient_birth_date || undefined,
        patientAge: row.patient_age || undefined,
        studyDate: row.study_date || undefined,
        studyTime: row.study_time || undefined,
        studyDescription: row.study_description || undefined,
        accessionNumber: row.accession_number || undefined,
        modalities: row.modalities,
        seriesCount: row.series,
        instanceCount: row.instances,
        issuerOfPatientId: row.issuer_of_patient_id || undefined,
        bodyParts: row.body_parts,
        institutions: row.institutions,
        priors: row.priors,
        state: row.state,
        missing: row.missing,
        awaited: row.awaited,
        read: row.read,
      };
}

/** A page of the list under these keys, behind a place. */
export async function listStudies(
  keys: URLSearchParams,
  page: { readonly after: string; readonly limit: number },
  signal: AbortSignal,
): Promise<StudyPage> {
  const parameters = new URLSearchParams(keys);
  parameters.set('limit', String(page.limit));
  if (page.after !== '') {
    parameters.set('after', page.after);
  }
  const answer = v.parse(pageSchema, await (await request(`/api/studies?${parameters}`, { signal })).json());
  return { studies: answer.studies.flatMap((row) => listed(row) ?? []), next: answer.next ?? undefined };
}

/** Notes that this account has read a study, or has it look unread. */
export async function sendReadMark(study: StudyInstanceUid, isRead: boolean): Promise<void> {
  const { signal } = new AbortController();
  await request(`/api/studies/${study}/read`, { signal, method: isRead ? 'PUT' : 'DELETE' });
}

/** The filters that the account keeps. */
export async function fetchSavedFilters(signal: AbortSignal): Promise<SavedFilter[]> {
  return v.parse(savedSchema, await (await request('/api/saved-filters', { signal })).json());
}
