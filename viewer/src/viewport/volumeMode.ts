/** Looking at a series as a volume: its planes lie over the layout, with pictures and tools of their own. */
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { activeContent } from './layout';
import { createReading, type Reading, type VolumeSource } from './readingState';

/** Three planes, and the volume in space. */
const fourPictures = { rows: 2, columns: 2, cells: [], active: 0, isOneUp: false, keepsEmpty: true } as const;

function volumeReading(volume: VolumeSource): Reading {
  const reading = createReading(volume.study, fourPictures);
  reading.store.setState({ volume, toolId: 'pointAt', rendering: 'gpu' });
  return reading;
}

/** What the tools act on while a volume is looked at. */
export function useVolumeReading({ store }: Reading): Reading | undefined {
  const volume = useStore(store, (state) => state.volume);
  return useMemo(() => volume && volumeReading(volume), [volume]);
}

/** The series of the active viewport as a volume, or the layout again. */
export function toggleVolume({ store, cells }: Reading): void {
  const { volume, layout } = store.getState();
  const content = activeContent(layout);
  const index = cells[layout.active]?.store.getState().index ?? 0;
  const opened = content?.kind === 'stack' ? { study: content.study, series: content.series, index } : undefined;
  store.setState({ volume: volume ? undefined : opened, volumeEnd: undefined });
}
