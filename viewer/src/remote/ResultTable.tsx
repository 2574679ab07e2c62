/** The studies that another archive has: which are here, and the fetching of the others. */
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import type { Study } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { readableDate, readableTime } from '../imaging/dates';
import { readablePatient, readableSex } from '../studyList/columns';
import { Progress } from './Outcome';
import { isUnderWay, type Transferred } from './useTransfers';

const cell = 'px-3 py-2 text-left align-top';

interface RowProps {
  readonly study: Study;
  readonly isHere: boolean;
  readonly hereCount: number | undefined;
  readonly fetched: Transferred | undefined;
  readonly isChosen: boolean;
  readonly onChoose: (isChosen: boolean) => void;
  readonly onFetch: () => void;
}

function Row({ study, isHere, hereCount, fetched, isChosen, onChoose, onFetch }: RowProps) {
  const { t } = useTranslation();
  const name = readablePatient(study.patientName, t);
  const isBusy = isUnderWay(fetched);
  const isWhole = isHere && (study.instanceCount === undefined || (hereCount ?? 0) >= study.instanceCount);
  return (
    <tr className="border-t border-line">
      <td className={cell}>
        <input
          type="checkbox"
          aria-label={t('remote.choose', { name })}
          checked={isChosen}
          disabled={isBusy}
          className="mt-0.5 size-4 accent-accent-deep"
          onChange={(event) => onChoose(event.target.checked)}
        />
      </td>
      <th scope="row" className={`${cell} font-medium`}>
        {name}
        <span className="block text-xs font-normal text-faint">{study.patientId}</span>
      </th>
      <td className={`${cell} whitespace-nowrap tabular-nums`}>
        {readableDate(study.patientBirthDate)}
        <span className="block text-xs text-faint">{readableSex(study.patientSex, t)}</span>
      </td>
      <td className={`${cell} whitespace-nowrap tabular-nums`}>
        {readableDate(study.studyDate)}
        <span className="block text-xs text-faint">{readableTime(study.studyTime)}</span>
      </td>
      <td className={cell}>{study.modalities.join(', ')}</td>
      <td className={cell}>
        {study.studyDescription}
        <span className="block text-xs text-faint">{study.accessionNumber}</span>
      </td>
      <td className={`${cell} tabular-nums`}>{study.instanceCount ?? '–'}</td>
      <td className={`${cell} w-64`}>
        {fetched ? <Progress transferred={fetched} act="fetch" /> : null}
        {isHere && !isBusy ? (
          <span className="flex flex-wrap items-baseline gap-x-3 text-sm">
            <span className={isWhole ? 'text-soft' : 'text-warn'}>
              {isWhole ? t('remote.here') : t('remote.partlyHere', { count: hereCount ?? 0 })}
            </span>
            <Link
              to="/studies/$studyUid"
              params={{ studyUid: study.studyInstanceUid }}
              className="text-accent hover:underline"
            >
              {t('remote.open')}
            </Link>
          </span>
        ) : null}
        {isWhole || isBusy ? null : (
          <span className="-my-1.5 -ml-3 inline-block">
            <Button look="quiet" label={t('remote.fetchNamed', { name })} onPress={onFetch}>
              <Download size={16} aria-hidden />
              {t('remote.fetchOne')}
            </Button>
          </span>
        )}
      </td>
    </tr>
  );
}

export function ResultTable(props: {
  readonly studies: readonly Study[];
  /** Numbers of images in our archive. */
  readonly here: ReadonlyMap<StudyInstanceUid, number | undefined>;
  readonly chosen: ReadonlySet<StudyInstanceUid>;
  readonly fetchedOf: (study: StudyInstanceUid) => Transferred | undefined;
  readonly onChoose: (chosen: ReadonlySet<StudyInstanceUid>) => void;
  readonly onFetch: (study: StudyInstanceUid) => void;
}) {
  const { t } = useTranslation();
  const { studies, here, chosen } = props;
  const columns = ['patient', 'birthDate', 'studyDate', 'modality', 'description', 'images', 'state'] as const;
  const choose = (study: StudyInstanceUid, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) {
      next.add(study);
    } else {
      next.delete(study);
    }
    props.onChoose(next);
  };
  return (
    <table className="w-full text-sm">
      <thead className="sticky top-0 bg-canvas text-xs text-faint">
        <tr>
          <td className={`${cell} w-10`} />
          {columns.map((column) => (
            <th key={column} scope="col" className={cell}>
              {t(`remote.columns.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {studies.map((study) => {
          const uid = study.studyInstanceUid;
          return (
            <Row
              key={uid}
              study={study}
              isHere={here.has(uid)}
              hereCount={here.get(uid)}
              fetched={props.fetchedOf(uid)}
              isChosen={chosen.has(uid)}
              onChoose={(isChosen) => choose(uid, isChosen)}
              onFetch={() => props.onFetch(uid)}
            />
          );
        })}
      </tbody>
    </table>
  );
}
