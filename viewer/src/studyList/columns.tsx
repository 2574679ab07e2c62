/** The columns of the study list. */
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import type { Study } from '../dicomweb/studies';
import { ageAt, readableDate, readableTime } from '../imaging/dates';
import { isImageModality } from '../imaging/imageModality';

export interface Column {
  /** Translation key below `list.columns.`. */
  readonly id: string;
  /** A track of the CSS grid. */
  readonly track: string;
  cell(study: Study, t: TFunction): ReactNode;
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
function Modalities({ modalities }: Pick<Study, 'modalities'>) {
  const ordered = [...modalities].sort((a, b) => Number(isImageModality(b)) - Number(isImageModality(a)));
  const shown = ordered.slice(0, ordered.length > 2 ? 1 : 2);
  const hidden = ordered.length - shown.length;
  return (
    <span className="flex gap-1" title={hidden > 0 ? modalities.join(', ') : undefined}>
      {shown.map((modality) => (
        <span key={modality} className="rounded bg-hover px-1.5 py-px text-xs font-medium text-sky-200">
          {modality}
        </span>
      ))}
      {hidden > 0 ? <span className="px-0.5 py-px text-xs text-soft">+{hidden}</span> : null}
    </span>
  );
}

export const columns: readonly Column[] = [
  {
    id: 'patientName',
    track: 'minmax(11rem, 2fr)',
    cell: (study, t) => (
      <span className={study.patientName === undefined ? 'text-faint italic' : 'font-medium'}>
        {readablePatient(study.patientName, t)}
      </span>
    ),
  },
  {
    id: 'patientId',
    track: 'minmax(7rem, 1.1fr)',
    cell: (study) => <span className="tabular-nums">{study.patientId}</span>,
  },
  { id: 'sex', track: '4rem', cell: (study, t) => readableSex(study.patientSex, t) },
  {
    id: 'birthDate',
    track: '10.5rem',
    cell: (study, t) => (
      <span className="tabular-nums">
        {readableDate(study.patientBirthDate)}
        <span className="ml-2 text-faint">{readableAge(study, t)}</span>
      </span>
    ),
  },
  {
    id: 'studyDate',
    track: '9rem',
    cell: (study) => (
      <span className="tabular-nums">
        {readableDate(study.studyDate)}
        <span className="ml-2 text-faint">{readableTime(study.studyTime)}</span>
      </span>
    ),
  },
  {
    id: 'modalities',
    track: '7rem',
    cell: (study) => <Modalities modalities={study.modalities} />,
  },
  { id: 'description', track: 'minmax(9rem, 2fr)', cell: (study) => study.studyDescription },
  {
    id: 'counts',
    track: '6.5rem',
    cell: (study) => (
      <span className="text-soft tabular-nums">
        {study.seriesCount ?? '–'} / {study.instanceCount ?? '–'}
      </span>
    ),
  },
  {
    id: 'accession',
    track: 'minmax(6rem, 1fr)',
    cell: (study) => <span className="text-soft tabular-nums">{study.accessionNumber}</span>,
  },
];

export const gridTemplate = columns.map(({ track }) => track).join(' ');
