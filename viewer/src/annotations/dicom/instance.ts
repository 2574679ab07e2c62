/** What every instance that is made here has: whose it is, of which study and series, made by what and when. */
import type { DataSet } from '../../dicomweb/dataSet';
import { text } from '../../dicomweb/dataSet';
import type { StudyInstanceUid } from '../../dicomweb/uid';
import { grouped } from '../grouped';
import { dateAndTime, element, person, sequence, timezone } from './elements';
import { Tag } from './tags';

/** By this name our own are known again. */
export const manufacturer = 'Filmless';

/** Who saves, and when. */
export interface Authorship {
  /** The account. */
  readonly author: string;
  readonly language: 'vi' | 'en';
  readonly at: Date;
}

export interface SeriesAddress {
  readonly uid: string;
  readonly number: number;
}

/**
 * Attributes of the Patient, General Study and Patient Study modules (PS3.3 C.7.1.1, C.7.2.1, C.7.2.2). They are taken over
 * from an image as they are, empty ones and those of the maker of a value included: the study stays one study.
 */
const shared = [
  '00080020',
  '00080030',
  '00080050',
  '00080051',
  '00080090',
  '00081030',
  '00081032',
  '00081080',
  '00100010',
  '00100020',
  '00100021',
  '00100024',
  '00100030',
  '00100032',
  '00100040',
  '00101000',
  '00101001',
  '00101010',
  '00101020',
  '00101030',
  '00102160',
  '00104000',
  '0020000D',
  '00200010',
] as const;

/** Type 2 of these modules: there, if empty. */
const required: Readonly<Record<string, string>> = {
  [Tag.StudyDate]: 'DA',
  [Tag.StudyTime]: 'TM',
  [Tag.AccessionNumber]: 'SH',
  [Tag.ReferringPhysicianName]: 'PN',
  [Tag.PatientName]: 'PN',
  [Tag.PatientId]: 'LO',
  [Tag.PatientBirthDate]: 'DA',
  [Tag.PatientSex]: 'CS',
  [Tag.StudyId]: 'SH',
};

/** The patient and the study that an image is of. */
function belonging(image: DataSet): DataSet {
  const taken = shared.flatMap((tag) => {
    const value = image[tag];
    return value ? [[tag, value] as const] : [];
  });
  const empty = Object.entries(required).map(([tag, vr]) => [tag, element(vr)] as const);
  return { ...Object.fromEntries(empty), ...Object.fromEntries(taken) };
}

export function instanceOf(
  sopClassUid: string,
  sopInstanceUid: string,
  image: DataSet,
  series: SeriesAddress & { readonly modality: string; readonly description: string },
  { at }: Authorship,
): DataSet {
  const { date, time } = dateAndTime(at);
  return {
    ...belonging(image),
    [Tag.SpecificCharacterSet]: element('CS', 'ISO_IR 192'),
    [Tag.InstanceCreationDate]: element('DA', date),
    [Tag.InstanceCreationTime]: element('TM', time),
    [Tag.TimezoneOffsetFromUtc]: element('SH', timezone(at)),
    [Tag.SopClassUid]: element('UI', sopClassUid),
    [Tag.SopInstanceUid]: element('UI', sopInstanceUid),
    [Tag.Modality]: element('CS', series.modality),
    [Tag.SeriesInstanceUid]: element('UI', series.uid),
    [Tag.SeriesNumber]: element('IS', series.number),
    [Tag.SeriesDescription]: element('LO', series.description),
    [Tag.ReferencedPerformedProcedureStepSequence]: sequence(),
    [Tag.Manufacturer]: element('LO', manufacturer),
    [Tag.ManufacturerModelName]: element('LO', 'Filmless viewer'),
    [Tag.ContentDate]: element('DA', date),
    [Tag.ContentTime]: element('TM', time),
  };
}

/** An instance by its place in the archive. */
export interface DocumentReference {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** PS3.3 C.17.2.1 (Hierarchical SOP Instance Reference Macro), one item a study. */
export function hierarchy(references: readonly DocumentReference[]): DataSet[] {
  const studies = grouped(references, ({ studyInstanceUid }) => studyInstanceUid);
  return [...studies].map(([study, instances]) => ({
    [Tag.StudyInstanceUid]: element('UI', study),
    [Tag.ReferencedSeriesSequence]: sequence(
      ...[...grouped(instances, ({ seriesInstanceUid }) => seriesInstanceUid)].map(([series, members]) => ({
        [Tag.SeriesInstanceUid]: element('UI', series),
        [Tag.ReferencedSopSequence]: sequence(
          ...[...new Map(members.map((member) => [member.sopInstanceUid, member])).values()].map(sopReference),
        ),
      })),
    ),
  }));
}

export function sopReference(reference: Pick<DocumentReference, 'sopClassUid' | 'sopInstanceUid'>): DataSet {
  return {
    [Tag.ReferencedSopClassUid]: element('UI', reference.sopClassUid),
    [Tag.ReferencedSopInstanceUid]: element('UI', reference.sopInstanceUid),
  };
}

/** PS3.3 C.17.2 (Author Observer Sequence): the account that saves. */
export function authorOf({ author }: Authorship): DataSet {
  return {
    [Tag.ObserverType]: element('CS', 'PSN'),
    [Tag.ContentPersonName]: person(author),
    // Institution and code are type 2 of the Identified Person or Device Macro (PS3.3 C.17.2.2).
    [Tag.InstitutionName]: element('LO'),
    [Tag.InstitutionCodeSequence]: sequence(),
    [Tag.PersonIdentificationCodeSequence]: sequence(),
  };
}

/** Who wrote a document. */
export function authorIn(author: DataSet | undefined): string | undefined {
  const name = author?.[Tag.ContentPersonName]?.Value?.[0];
  if (typeof name === 'object' && name !== null && 'Alphabetic' in name && typeof name.Alphabetic === 'string') {
    return name.Alphabetic;
  }
  return author && text(author, Tag.ContentPersonName);
}
