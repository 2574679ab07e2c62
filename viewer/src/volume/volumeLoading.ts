/** Fetches the frames of a volume by the loader and cache of all pictures, those nearest to where one looks first. */
import { Enums, type Types } from '@cornerstonejs/core';
import type { DataSet } from '../dicomweb/dataSet';
import { neededSources, VolumeFiller, type Voxels } from '../imaging/volumeFiller';
import { toVoxel, type Volume } from '../imaging/volumeGeometry';
import { FrameStack } from '../viewport/frameStack';
import { createViewStore, type OpenSeries } from '../viewport/viewState';
import type { VolumeStore } from './volumeState';

/** More at once would only starve what else is asked of the server. */
const mostAtOnce = 4;
/** Air: where no frame says anything of a CT. */
const airHounsfield = -1024;

/** The value of voxels of which nothing is known. */
export function outsideValue(modality: string): number {
  return modality === 'CT' ? airHounsfield : 0;
}

export interface LoadingEvents {
  /** These slices of the grid have other voxels. */
  changed(slices: readonly number[]): void;
  /** The first frame that came: it has a window, if its header names none. */
  first(image: Types.IImage, frame: number): void;
}

/** A series as it is fetched. */
export interface VolumeFrames {
  readonly volume: Volume;
  readonly series: OpenSeries;
  readonly metadata: readonly DataSet[];
  /** What values are multiplied by on their way into the voxels. */
  readonly factor: number;
}

export class VolumeLoading {
  readonly #stack: FrameStack;
  readonly #store: VolumeStore;
  readonly #volume: Volume;
  readonly #factor: number;
  readonly #filler: VolumeFiller;
  readonly #events: LoadingEvents;
  readonly #waiting: Set<number>;
  #isGone = false;
  #isFirst = true;

  constructor(
    store: VolumeStore,
    { volume, series, metadata, factor }: VolumeFrames,
    voxels: Voxels,
    events: LoadingEvents,
  ) {
    this.#store = store;
    this.#volume = volume;
    this.#factor = factor;
    this.#events = events;
    this.#stack = new FrameStack(createViewStore(), series, metadata, false);
    this.#filler = new VolumeFiller(volume, voxels, outsideValue(series.modality));
    this.#waiting = new Set(neededSources(volume));
    store.setState(({ needed }) => ({ needed: needed + this.#waiting.size }));
    for (let at = 0; at < mostAtOnce; at += 1) {
      void this.#work();
    }
  }

  /** The one nearest to the axial, sagittal or coronal plane that frames were taken in. */
  #next(): number | undefined {
    const volume = this.#volume;
    const [, , depth] = toVoxel(volume.grid, this.#store.getState().cross);
    let best: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const source of this.#waiting) {
      const distance = Math.abs((volume.sources[source]?.depth ?? 0) - depth);
      if (distance < least) {
        [best, least] = [source, distance];
      }
    }
    return best;
  }

  async #work(): Promise<void> {
    for (let source = this.#next(); source !== undefined && !this.#isGone; source = this.#next()) {
      this.#waiting.delete(source);
      const frame = this.#volume.sources[source]?.frame ?? 0;
      const image = await this.#stack.fetch(frame, Enums.RequestType.Prefetch).catch(() => undefined);
      if (this.#isGone) {
        return;
      }
      if (image) {
        this.#take(source, frame, image);
      } else {
        this.#events.changed(this.#filler.fail(source));
        this.#store.setState(({ failed }) => ({ failed: failed + 1 }));
      }
    }
  }

  #take(source: number, frame: number, image: Types.IImage): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#events.first(image, frame);
    }
    const factor = this.#factor;
    const values = image.getPixelData();
    const scaled = factor === 1 ? values : Float32Array.from(values, (value) => value * factor);
    this.#events.changed(this.#filler.accept(source, scaled));
    this.#store.setState(({ loaded }) => ({ loaded: loaded + 1 }));
  }

  /** Nobody waits for the frames any more. */
  destroy(): void {
    this.#isGone = true;
    this.#stack.close();
  }
}
