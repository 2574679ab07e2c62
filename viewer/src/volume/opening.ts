/** From a series to the volume that this device can show of it, or the word why there is none. */
import type { Frame } from '../imaging/frames';
import { type FusionRefusal, volumeOver } from '../imaging/fusion';
import { fitted, fittedTogether, type VolumeBudget, volumeBudget } from '../imaging/volumeBudget';
import { type Volume, volumesOf, volumeWith } from '../imaging/volumeGeometry';
import type { VolumeEnd } from '../viewport/readingState';

/** The longest side of a texture of three dimensions; undefined where there are none. */
function textureSide(): number | undefined {
  const context = document.createElement('canvas').getContext('webgl2');
  const side: unknown = context?.getParameter(context.MAX_3D_TEXTURE_SIZE);
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof side === 'number' && side > 0 ? side : undefined;
}

/** As the browser tells, in GiB. */
function deviceMemory(): number | undefined {
  return 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : undefined;
}

export interface Opened {
  /** The volumes of the series, as they were taken. */
  readonly volumes: readonly Volume[];
  /** Of which this one is shown, as fine as this device can. */
  readonly place: number;
  readonly shown: Volume;
  /** What is laid over it, or why it is not. */
  readonly above: Volume | FusionRefusal | undefined;
}

/** The volume at this place, or else the one that a frame belongs to; and over it that of other frames, if any are given. */
export function opened(
  frames: readonly Frame[],
  index: number,
  wanted: number | undefined,
  over?: readonly Frame[],
): Opened | VolumeEnd {
  const side = textureSide();
  if (side === undefined) {
    return 'noWebGl2';
  }
  const volumes = volumesOf(frames);
  if (typeof volumes === 'string') {
    return volumes;
  }
  const chosen = (wanted === undefined ? undefined : volumes[wanted]) ?? volumeWith(volumes, index);
  const budget = volumeBudget(deviceMemory(), side);
  const found = chosen && (over ? together(chosen, over, budget) : alone(chosen, budget));
  return chosen && found ? { volumes, place: volumes.indexOf(chosen), ...found } : 'tooLarge';
}

type Shown = Pick<Opened, 'shown' | 'above'>;

function alone(volume: Volume, budget: VolumeBudget, above?: FusionRefusal): Shown | undefined {
  const shown = fitted(volume, budget);
  return shown && { shown, above };
}

function together(volume: Volume, over: readonly Frame[], budget: VolumeBudget): Shown | undefined {
  const above = volumeOver(volume, over);
  if (typeof above === 'string') {
    return alone(volume, budget, above);
  }
  const both = fittedTogether(volume, above, budget);
  return both ? { shown: both.below, above: both.above } : alone(volume, budget, 'tooLarge');
}
