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
import { CropBar } from './CropControls';
import { FusionBar } from './FusionBar';
import { FusionChoice, FusionNotice } from './FusionChoice';
import { continued, overlaid } from './fused';
import { ModelTile } from './ModelTile';
import { type Opened, opened } from './opening';
import { PlaneTile } from './PlaneTile';
import { useFusion } from './useFusion';
import { VolumeBar } from './VolumeBar';
import { VolumeNotes } from './VolumeNotes';
import { VolumeStage } from './volumeStage';
import { createVolumeStore, type VolumeState, type VolumeStore } from './volumeState';
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
  readonly of: Opened;
  readonly stage: VolumeStage;
  readonly store: VolumeStore;
}

/** A series, once its metadata are here. */
interface Loaded {
  readonly series: OpenSeries;
  readonly metadata: LoadedSeries['metadata'];
}

/** As it was when it was opened: the same metadata fetched once more would begin everything anew. */
function useOpened(study: VolumeSource['study'], series: Series | undefined) {
  const query = useSeriesContent(study, series?.seriesInstanceUid);
  const first = useRef<LoadedSeries>(undefined);
  if (query.data && first.current?.seriesInstanceUid !== query.data.seriesInstanceUid) {
    first.current = query.data;
  }
  const data = first.current?.seriesInstanceUid === series?.seriesInstanceUid ? first.current : undefined;
  const modality = series?.modality ?? '';
  const loaded = useMemo(
    (): Loaded | undefined =>
      data && {
        metadata: data.metadata,
        series: {
          studyInstanceUid: study,
          seriesInstanceUid: data.seriesInstanceUid,
          modality,
          frames: data.content.frames,
          frameRate: undefined,
        },
      },
    [data, study, modality],
  );
  return { loaded, query };
}

/** The engine with the volume, for as long as it is looked at. */
function useStage(
  found: Opened | undefined,
  index: number,
  below: Loaded | undefined,
  above: Loaded | undefined,
  onEnd: VolumeGridProps['onEnd'],
): Started | undefined {
  const [started, setStarted] = useState<Started>();
  const left = useRef<VolumeState>(undefined);
  useEffect(() => {
    if (!found || !below) {
      return undefined;
    }
    const { shown } = found;
    const volumeAbove = typeof found.above === 'string' ? undefined : found.above;
    const { frames, modality } = below.series;
    const over = above && volumeAbove && overlaid(volumeAbove, above);
    const store = createVolumeStore(shown, firstCross(shown, frames, index), modality, over?.state);
    store.setState((state) => (left.current ? continued(state, left.current) : {}));
    let stage: VolumeStage;
    try {
      stage = new VolumeStage(store, { volume: shown, factor: 1, ...below }, over?.frames, () => onEnd('lost'));
    } catch {
      onEnd('noMemory');
      return undefined;
    }
    setStarted({ of: found, stage, store });
    return () => {
      left.current = store.getState();
      setStarted(undefined);
      stage.destroy();
    };
  }, [found, index, below, above, onEnd]);
  // Until its cleaning up is done, the one before is still there.
  return started?.of === found ? started : undefined;
}

export function VolumeGrid({ reading, volume, series, list, onEnd }: VolumeGridProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const fusion = useFusion(series, list);
  const { loaded: below, query } = useOpened(volume.study, fusion.below);
  const { loaded: above, query: queryAbove } = useOpened(volume.study, fusion.above);
  const [wanted, setWanted] = useState<number>();
  const index = fusion.below === series ? volume.index : 0;
  const found = useMemo(
    () => (below ? opened(below.series.frames, index, wanted, above?.series.frames) : undefined),
    [below, above, index, wanted],
  );
  const [end] = useState(() => (why: VolumeEnd | undefined) => onEnd(why));
  const refusal = typeof found === 'string' ? found : undefined;
  const fusionRefusal =
    fusion.above && typeof found === 'object' && typeof found.above === 'string' ? found.above : undefined;
  const { refuse } = fusion;
  useEffect(() => {
    if (refusal && !fusion.above) {
      end(refusal);
    }
  }, [refusal, fusion.above, end]);
  useEffect(() => {
    // What is shown alone goes on.
    const why = fusionRefusal ?? (fusion.above ? refusal : undefined) ?? (queryAbove.isError ? 'notLoaded' : undefined);
    if (why) {
      refuse(why);
    }
  }, [fusionRefusal, refusal, fusion.above, queryAbove.isError, refuse]);
  const shown = typeof found === 'string' || (fusion.above && !above) || fusionRefusal ? undefined : found;
  const started = useStage(shown, index, below, above, end);
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
        modality={below?.series.modality ?? series.modality}
        volumes={shown?.volumes ?? []}
        place={shown?.place ?? 0}
        onChoose={setWanted}
        onClose={() => onEnd(undefined)}
      >
        <FusionChoice fusion={fusion} />
      </VolumeBar>
      {started?.store.getState().above ? <FusionBar store={started.store} modality={fusion.below.modality} /> : null}
      {started ? <CropBar store={started.store} /> : null}
      <FusionNotice fusion={fusion} />
      {query.isError ? (
        <Notice icon={ServerCrash} tone="danger" title={t('viewer.seriesFailed')} text={failureText(query.error)}>
          <RetryButton onPress={() => void query.refetch()} />
        </Notice>
      ) : null}
      {started && below ? (
        <Planes key={shown?.place} reading={reading} started={started} series={below.series} />
      ) : query.isError ? null : (
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
