/** Unique Identifiers as branded strings (PS3.5 section 9, Unique Identifiers): made only by the functions here. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type StudyInstanceUid = Branded<'StudyInstanceUid'>;
export type SeriesInstanceUid = Branded<'SeriesInstanceUid'>;
export type SopInstanceUid = Branded<'SopInstanceUid'>;
export type FrameOfReferenceUid = Branded<'FrameOfReferenceUid'>;

/** Which instance, and where it stands. */
export interface InstanceAddress {
  readonly study: StudyInstanceUid;
  readonly series: SeriesInstanceUid;
  readonly instance: SopInstanceUid;
}

const uidPattern = /^[0-9.]{1,64}$/;

function parse(text: string | undefined): string | undefined {
  return text !== undefined && uidPattern.test(text) ? text : undefined;
}

/** Reads a Study Instance UID; undefined if it is none. */
export function studyInstanceUid(text: string | undefined): StudyInstanceUid | undefined {
  return parse(text) as StudyInstanceUid | undefined;
}

/** Reads a Series Instance UID; undefined if it is none. */
export function seriesInstanceUid(text: string | undefined): SeriesInstanceUid | undefined {
  return parse(text) as SeriesInstanceUid | undefined;
}

/** Reads a SOP Instance UID; undefined if it is none. */
export function sopInstanceUid(text: string | undefined): SopInstanceUid | undefined {
  return parse(text) as SopInstanceUid | undefined;
}

/** Reads a Frame of Reference UID; undefined if it is none. */
export function frameOfReferenceUid(text: string | undefined): FrameOfReferenceUid | undefined {
  return parse(text) as FrameOfReferenceUid | undefined;
}
