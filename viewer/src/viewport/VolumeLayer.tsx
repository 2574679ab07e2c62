/** Over the layout: the planes of a volume, fetched when they are first asked for, and why there are none. */
import { X } from 'lucide-react';
import { type ComponentType, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { IconButton } from '../app/controls';
import type { Series } from '../dicomweb/series';
import type { VolumeGridProps } from '../volume/VolumeGrid';
import type { Reading } from './readingState';

type VolumeGrid = ComponentType<VolumeGridProps>;

function EndNotice({ reading }: { readonly reading: Reading }) {
  const { t } = useTranslation();
  const end = useStore(reading.store, ({ volumeEnd }) => volumeEnd);
  if (end === undefined) {
    return null;
  }
  return (
    <div
      role="alert"
      data-testid="volume-end"
      className="absolute top-12 left-1/2 z-40 flex max-w-xl -translate-x-1/2 items-center gap-3 rounded-md border border-strong bg-raised/95 py-1 pr-1 pl-4 text-sm text-warn shadow-xl shadow-black/60"
    >
      {end === 'notLoaded' ? t('viewer.engineFailed') : t(`volume.end.${end}`)}
      <IconButton icon={X} label={t('common.close')} onPress={() => reading.store.setState({ volumeEnd: undefined })} />
    </div>
  );
}

export function VolumeLayer(props: {
  /** Of the layout below. */
  readonly below: Reading;
  readonly reading: Reading | undefined;
  readonly list: readonly Series[] | undefined;
}) {
  const { below, reading, list } = props;
  const [loaded, setLoaded] = useState<{ readonly Grid: VolumeGrid }>();
  const isWanted = reading !== undefined;
  useEffect(() => {
    if (isWanted) {
      import('../volume/VolumeGrid').then(
        ({ VolumeGrid: Grid }) => setLoaded({ Grid }),
        () => below.store.setState({ volume: undefined, volumeEnd: 'notLoaded' }),
      );
    }
  }, [isWanted, below]);
  const volume = reading?.store.getState().volume;
  const series = list?.find(({ seriesInstanceUid: uid }) => uid === volume?.series);
  return (
    <>
      {reading && volume && series && loaded ? (
        <loaded.Grid
          key={volume.series}
          reading={reading}
          volume={volume}
          series={series}
          list={list ?? []}
          onEnd={(volumeEnd) => below.store.setState({ volume: undefined, volumeEnd })}
        />
      ) : null}
      {isWanted ? null : <EndNotice reading={below} />}
    </>
  );
}
