/** A series as a volume: its planes side by side, or the word why that cannot be. */

import { ServerCrash } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import type { Series } from '../dicomweb/series';
import { planeIds } from '../imaging/reformat';
import { firstCross } from '../imaging/volumeGeometry';
import type { Reading, VolumeEnd, VolumeSource } from '../viewport/readingState';
import { type LoadedSeries, useSeriesContent } from '../viewport/useSeriesContent';
import { initialViewState, type OpenSeries } from '../viewport/viewState';
import { ModelTile } from './ModelTile';
import { type Opened, opened } from './opening';
import { PlaneTile } from './PlaneTile';
import { VolumeBar } from './VolumeBar';
import { VolumeNotes } from './VolumeNotes';
import { VolumeStage } from './volumeStage';
import { createVolumeStore, type VolumeStore } from './volumeState';
import './texts';

export interface VolumeGridProps {
  readonly reading: Reading;
  readonly volume: VolumeSource;
  readonly series: Series;
  readonly list: readonly Series[];
  /** Back to the layout, with a word why if the reader did not ask for it. */
  readonly onEnd: (why: VolumeEnd | undefined) => void;
}

interface Started {
  readonly stage: VolumeStage;
  readonly store: VolumeStore;
}

/** The engine with the volume, for as long as it is looked at. */
function useStage(
  found: Opened | undefined,
  index: number,
  series: OpenSeries | undefined,
  loaded: LoadedSeries | undefined,
  onEnd: VolumeGridProps['onEnd'],
): Started | undefined {
  const [started, setStarted] = useState<Started>();
  useEffect(() => {
    if (!found || !series || !loaded) {
      return undefined;
    }
    const store = createVolumeStore(found.shown, firstCross(found.shown, series.frames, index), series.modality);
    let stage: VolumeStage;
    try {
      stage = new VolumeStage(store, series, loaded.metadata, () => onEnd('lost'));
    } catch {
      onEnd('noMemory');
      return undefined;
    }
    setStarted({ stage, store });
    return () => {
      setStarted(undefined);
      stage.destroy();
    };
  }, [found, index, series, loaded, onEnd]);
  return started;
}

export function VolumeGrid({ reading, volume, series, onEnd }: VolumeGridProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const loaded = useSeriesContent(volume.study, volume.series);
  const [wanted, setWanted] = useState<number>();
  // As it was opened: the same metadata fetched once more would begin everything anew.
  const first = useRef(loaded.data);
  first.current ??= loaded.data;
  const data = first.current;
  const found = useMemo(
    () => (data ? opened(data.content.frames, volume.index, wanted) : undefined),
    [data, volume, wanted],
  );
  const openSeries = useMemo(
    (): OpenSeries | undefined =>
      data && {
        studyInstanceUid: volume.study,
        seriesInstanceUid: volume.series,
        modality: series.modality,
        frames: data.content.frames,
        frameRate: undefined,
      },
    [data, volume, series.modality],
  );
  const [end] = useState(() => (why: VolumeEnd | undefined) => onEnd(why));
  const refusal = typeof found === 'string' ? found : undefined;
  useEffect(() => {
    if (refusal) {
      end(refusal);
    }
  }, [refusal, end]);
  const shown = typeof found === 'string' ? undefined : found;
  const started = useStage(shown, volume.index, openSeries, data, end);
  useEffect(
    () => () => {
      for (const { store } of reading.cells) {
        store.setState(initialViewState);
      }
    },
    [reading],
  );

  return (
    <div data-testid="volume" className="absolute inset-0 z-30 flex flex-col bg-canvas">
      <VolumeBar
        store={started?.store}
        modality={series.modality}
        volumes={shown?.volumes ?? []}
        place={shown?.place ?? 0}
        onChoose={setWanted}
        onClose={() => onEnd(undefined)}
      />
      {loaded.isError ? (
        <Notice icon={ServerCrash} tone="danger" title={t('viewer.seriesFailed')} text={failureText(loaded.error)}>
          <RetryButton onPress={() => void loaded.refetch()} />
        </Notice>
      ) : null}
      {started && openSeries ? (
        <Planes key={shown?.place} reading={reading} started={started} series={openSeries} />
      ) : loaded.isError ? null : (
        <p role="status" className="p-6 text-sm text-soft">
          {t('volume.opening')}
        </p>
      )}
    </div>
  );
}

function Planes(props: { readonly reading: Reading; readonly started: Started; readonly series: OpenSeries }) {
  const { reading, series } = props;
  const { stage, store } = props.started;
  const last = reading.cells[planeIds.length];
  const isOneUp = useStore(reading.store, ({ layout }) => layout.isOneUp);
  return (
    <>
      <VolumeNotes store={store} />
      <div className={`grid min-h-0 flex-1 gap-px bg-line ${isOneUp ? '' : 'grid-cols-2 grid-rows-2'}`}>
        {planeIds.map((id, place) => {
          const cell = reading.cells[place];
          return cell ? (
            <PlaneTile
              key={id}
              id={id}
              place={place}
              cell={cell}
              reading={reading}
              stage={stage}
              volume={store}
              series={series}
            />
          ) : null;
        })}
        {last ? (
          <ModelTile
            place={planeIds.length}
            cell={last}
            reading={reading}
            stage={stage}
            volume={store}
            series={series}
          />
        ) : null}
      </div>
    </>
  );
}
