/**
 * Says that a study changed while it is open: instances came or went in what is shown. Nothing moves under the reader's
 * hand: what is new is shown when they want it.
 */
import { useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import type { Series } from '../dicomweb/series';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import type { Reading } from './readingState';
import { seriesQuery, useCountedSeries } from './useSeriesContent';
import { seriesListQuery } from './useStudy';
import '../presentation/texts';

function ChangeOf(props: { readonly study: StudyInstanceUid; readonly series: Series }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { seriesInstanceUid, instanceCount, description, modality } = props.series;
  const counted = useCountedSeries(props.study, seriesInstanceUid);
  if (counted === undefined || instanceCount === undefined || counted.instances === instanceCount) {
    return null;
  }
  const name = description ?? modality;
  return (
    <div role="status" className="flex items-center gap-3 rounded-md border border-warn bg-raised px-3 py-1.5 text-sm">
      {t(counted.instances < instanceCount ? 'presentation.came' : 'presentation.went', {
        name,
        count: Math.abs(instanceCount - counted.instances),
      })}
      <Button onPress={() => void client.invalidateQueries(seriesQuery(props.study, seriesInstanceUid))}>
        <RefreshCw size={15} aria-hidden />
        {t('presentation.loadAnew')}
      </Button>
    </div>
  );
}

export function StudyChanges(props: {
  readonly study: StudyInstanceUid;
  readonly list: readonly Series[];
  /** Those in sight. */
  readonly shown: readonly SeriesInstanceUid[];
  readonly reading: Reading;
}) {
  const { study, reading } = props;
  const client = useQueryClient();
  // An image that the server does not have any more is no failure of the image alone.
  useEffect(() => {
    const stops = reading.cells.map(({ store }) =>
      store.subscribe(({ failure }, before) => {
        if (failure?.kind === 'missing' && failure !== before.failure) {
          void client.invalidateQueries(seriesListQuery(study));
        }
      }),
    );
    return () => {
      for (const stop of stops) {
        stop();
      }
    };
  }, [client, reading, study]);
  return (
    <div className="absolute top-2 left-1/2 z-30 flex -translate-x-1/2 flex-col gap-2">
      {props.list
        .filter(({ seriesInstanceUid: uid }) => props.shown.includes(uid))
        .map((series) => (
          <ChangeOf key={series.seriesInstanceUid} study={study} series={series} />
        ))}
    </div>
  );
}
