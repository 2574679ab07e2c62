/** The patient's other studies, below the series of the one that is read: opened here, their series are shown beside it. */
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Study } from '../dicomweb/studies';
import type { SeriesInstanceUid } from '../dicomweb/uid';
import { readableDate } from '../imaging/dates';
import { readablePatient } from '../studyList/columns';
import type { Content } from '../viewport/layout';
import { SeriesButton } from '../viewport/SeriesPanel';
import { useStudy } from '../viewport/useStudy';
import { priorsQuery } from './hangable';
import { readableInterval } from './interval';
import type { Prior } from './priors';

interface Choosing {
  readonly active: SeriesInstanceUid | undefined;
  readonly shown: readonly SeriesInstanceUid[];
  readonly onChoose: (content: Content) => void;
}

function PriorSeries({ study, active, shown, onChoose }: Choosing & { readonly study: Study }) {
  const { list } = useStudy(study.studyInstanceUid);
  return (
    <ol className="flex flex-col gap-2 pt-2 pl-2">
      {list?.map((series) => (
        <li key={series.seriesInstanceUid}>
          <SeriesButton
            study={study.studyInstanceUid}
            series={series}
            isActive={series.seriesInstanceUid === active}
            isShown={shown.includes(series.seriesInstanceUid)}
            onChoose={onChoose}
          />
        </li>
      ))}
    </ol>
  );
}

function PriorItem({ prior, read, ...choosing }: Choosing & { readonly prior: Prior; readonly read: Study }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { study, bodyParts, isSure } = prior;
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        data-testid="prior"
        onClick={() => setOpen(!isOpen)}
        className="flex w-full cursor-default items-start gap-1 rounded-md border border-line bg-panel px-1.5 py-1.5 text-left text-xs leading-snug hover:border-strong"
      >
        <Icon size={14} aria-hidden className="mt-px shrink-0 text-faint" />
        <span className="min-w-0 flex-1">
          <span className="block font-medium tabular-nums">
            {readableDate(study.studyDate)} <span className="text-accent">{study.modalities.join(' ')}</span>
          </span>
          <span className="block text-soft">{readableInterval(study.studyDate, read.studyDate, t)}</span>
          <span className="line-clamp-2 break-words text-soft">
            {study.studyDescription ?? [...bodyParts].join(', ')}
          </span>
          {isSure ? null : (
            <span className="mt-0.5 flex items-start gap-1 text-warn" title={t('hanging.unsure')}>
              <TriangleAlert size={13} aria-hidden className="mt-px shrink-0" />
              {t('hanging.differs', { name: readablePatient(study.patientName, t) })}
            </span>
          )}
        </span>
      </button>
      {isOpen ? <PriorSeries study={study} {...choosing} /> : null}
    </li>
  );
}

export function PriorsSection({ study, ...choosing }: Choosing & { readonly study: Study }) {
  const { t } = useTranslation();
  const { data, isError, isSuccess } = useQuery(priorsQuery(study.studyInstanceUid));
  const said = () => {
    if (study.patientId === undefined) {
      return t('hanging.noPatientId');
    }
    return isError ? t('hanging.priorsFailed') : isSuccess && data.priors.length === 0 ? t('hanging.noPriors') : '';
  };
  return (
    <section aria-labelledby="priors" className="mt-4 border-t border-line pt-3">
      <h2 id="priors" className="mb-2 text-xs font-semibold text-soft">
        {t('hanging.priors')}
      </h2>
      {said() === '' ? null : <p className="text-xs text-faint">{said()}</p>}
      <ol className="flex flex-col gap-2">
        {data?.priors.map((prior) => (
          <PriorItem key={prior.study.studyInstanceUid} prior={prior} read={study} {...choosing} />
        ))}
      </ol>
    </section>
  );
}
