/** What lies above a volume, from its series to what the stage and the state have of it. */
import { meaningOf } from '../imaging/fusion';
import { clampedTo, type Volume } from '../imaging/volumeGeometry';
import type { VolumeFrames } from './volumeLoading';
import type { Above, VolumeState } from './volumeState';

/** Half of each is seen. */
const firstOpacity = 0.5;

interface Overlaid {
  readonly state: Above;
  readonly frames: VolumeFrames;
}

export function overlaid(volume: Volume, loaded: Pick<VolumeFrames, 'series' | 'metadata'>): Overlaid {
  const { unit, factor } = meaningOf(volume, loaded.series.frames);
  const { modality } = loaded.series;
  return {
    state: {
      volume,
      modality,
      unit,
      window: undefined,
      palette: 'hotIron',
      opacity: firstOpacity,
      takesWindow: false,
    },
    frames: { volume, factor, ...loaded },
  };
}

/** The same place, seen the same way, in a volume of the same Frame of Reference. */
export function continued(state: VolumeState, left: VolumeState): Partial<VolumeState> {
  if (left.volume.frameOfReferenceUid !== state.volume.frameOfReferenceUid) {
    return {};
  }
  const { cross, planes, views, slab, isInverted } = left;
  const isSame = left.volume.sources[0]?.frame === state.volume.sources[0]?.frame && left.modality === state.modality;
  return {
    cross: clampedTo(state.volume.grid, cross),
    planes,
    views,
    slab,
    ...(isSame ? { window: left.window, isInverted } : {}),
  };
}
