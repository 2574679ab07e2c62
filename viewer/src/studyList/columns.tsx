/** The columns of the study list. */
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import type { Study } from '../dicomweb/studies';
import { ageAt, readableDate, readableTime } from '../imaging/dates';
import { isImageModality } from '../imaging/imageModality';
import type { ListedStudy } from '../server/studyList';
import type { SortKey } from './filters';

export interface Column {
  /** Translation key below `list.columns.`. */
  readonly id: string;
  /** What a click on its head orders the list by. */
  readonly sort: SortKey | undefined;
  /** A track of the CSS grid. */
  readonly track: string;
  /** Shown until the reader chooses otherwise. */
  readonly isUsual: boolean;
  cell(study: ListedStudy, t: TFunction): ReactNode;
}

/** Sex in words; what is not of the standard is shown as it is. */
export function readableSex(sex: string | undefined, t: TFunction): string {
  return sex === 'M' || sex === 'F' || sex === 'O' ? t(`patient.sex.${sex}`) : (sex ?? '');
}

/** Age at the study in words. */
export function readableAge(study: Study, t: TFunction): string {
  const age = ageAt(study.patientBirthDate, study.studyDate, study.patientAge);
  return age ? t(`patient.age.${age.unit}`, { count: age.count }) : '';
}

/** A patient name, or that there is none. */
export function readablePatient(name: string | undefined, t: TFunction): string {
  return name ?? t('patient.unnamed');
}

/** As many modalities as the column is wide for, pictures first; the rest is counted, and named on pointing. */
export function Modalities({ modalities }: Pick<Study, 'modalities'>) {
  const ordered = [...modalities].sort((a, b) => Number(isImageModality(b)) - Number(isImageModality(a)));
  const shown = ordered.slice(0, ordered.length > 2 ? 1 : 2);
  const hidden = ordered.length - shown.length;
  return (
    <span className="flex gap-1" title={hidden > 0 ? modalities.join(', ') : undefined}>
      {shown.map((modality) => (
        <span key={modality} className="rounded bg-hover px-1.5 py-px text-xs font-medium text-tag">
          {modality}
        </span>
      ))}
      {hidden > 0 ? <span className="px-0.5 py-px text-xs text-soft">+{hidden}</span> : null}
    </span>
  );
}

const stateLooks = { arriving: 'text-accent', incomplete: 'text-warn', complete: 'text-good', received: 'text-faint' };

/** How far a study is, and what of it is known to be missing. */
export function State({ study, t }: { readonly study: ListedStudy; readonly t: TFunction }) {
  const words = [
    study.missing > 0 ? t('list.missing', { count: study.missing }) : t(`list.state.${study.state}`),
    study.awaited > 0 ? t('list.awaited', { count: study.awaited }) : '',
  ].filter((word) => word !== '');
  return (
    <span className={`text-xs ${stateLooks[study.state]}`} title={words.join(' · ')}>
      {words.join(' · ')}
    </span>
  );
}

/** A patient's name, in bold while the study is unread. */
export function PatientName({ study, t }: { readonly study: ListedStudy; readonly t: TFunction }) {
  const look = study.patientName === undefined ? 'text-faint italic' : '';
  return (
    <span className={`${look} ${study.read === 'read' ? 'text-soft' : 'font-semibold'}`}>
      {readablePatient(study.patientName, t)}
    </span>
  );
}

const numbers = (text: ReactNode) => <span className="text-soft tabular-nums">{text}</span>;

export const columns: readonly Column[] = [
  {
    id: 'patientName',
    sort: 'patient_name',
    track: 'minmax(12rem, 2fr)',
    isUsual: true,
    cell: (study, t) => <PatientName study={study} t={t} />,
  },
  {
    id: 'patientId',
    sort: 'patient_id',
    track: 'minmax(7rem, 1.1fr)',
    isUsual: true,
    cell: (study) => <span className="tabular-nums">{study.patientId}</span>,
  },
  {
    id: 'sex',
    sort: 'patient_sex',
    track: '4.5rem',
    isUsual: true,
    cell: (study, t) => readableSex(study.patientSex, t),
  },
  {
    id: 'birthDate',
    sort: 'patient_birth_date',
    track: '10.5rem',
    isUsual: true,
    cell: (study, t) => (
      <span className="tabular-nums">
        {readableDate(study.patientBirthDate)}
        <span className="ml-2 text-faint">{readableAge(study, t)}</span>
      </span>
    ),
  },
  {
    id: 'studyDate',
    sort: 'study_date',
    track: '9rem',
    isUsual: true,
    cell: (study) => (
      <span className="tabular-nums">
        {readableDate(study.studyDate)}
        <span className="ml-2 text-faint">{readableTime(study.studyTime)}</span>
      </span>
    ),
  },
  {
    id: 'modalities',
    sort: 'modality',
    track: '6.5rem',
    isUsual: true,
    cell: (study) => <Modalities modalities={study.modalities} />,
  },
  {
    id: 'description',
    sort: 'study_description',
    track: 'minmax(9rem, 2fr)',
    isUsual: true,
    cell: (study) => study.studyDescription,
  },
  {
    id: 'part',
    sort: 'body_part',
    track: 'minmax(6rem, 1fr)',
    isUsual: false,
    cell: (study) => study.bodyParts.join(', '),
  },
  {
    id: 'institution',
    sort: 'institution',
    track: 'minmax(8rem, 1.4fr)',
    isUsual: false,
    cell: (study) => study.institutions.join(', '),
  },
  {
    id: 'counts',
    sort: 'instances',
    track: '6.5rem',
    isUsual: true,
    cell: (study) => numbers(`${study.seriesCount ?? '–'} / ${study.instanceCount ?? '–'}`),
  },
  {
    id: 'priors',
    sort: 'priors',
    track: '5rem',
    isUsual: true,
    cell: (study) => numbers(study.priors === 0 ? '' : study.priors),
  },
  {
    id: 'state',
    sort: undefined,
    track: 'minmax(7rem, 0.9fr)',
    isUsual: true,
    cell: (study, t) => <State study={study} t={t} />,
  },
  {
    id: 'accession',
    sort: 'accession_number',
    track: 'minmax(6rem, 1fr)',
    isUsual: true,
    cell: (study) => numbers(study.accessionNumber),
  },
];
