/** A volume with its voxels, in the memory of the page and of the graphics card, and the frames that come for it. */
import type { Types } from '@cornerstonejs/core';
import { text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { voxelAt } from '../imaging/fusion';
import type { Vector3 } from '../imaging/vector';
import type { Voxels } from '../imaging/volumeFiller';
import { newVoxels } from '../imaging/voxelType';
import { type VoiWindow, windowOf } from '../imaging/window';
import { rangeOfImage, windowOfImage } from '../viewport/frameLoader';
import { outsideValue, type VolumeFrames, VolumeLoading } from './volumeLoading';
import type { VolumeStore } from './volumeState';
import { VolumeTexture } from './volumeTexture';

export interface LayerEvents {
  /** Voxels are others now. */
  changed(): void;
  /** The first frame came, and has this window. */
  first(window: VoiWindow): void;
}

export class VolumeLayer {
  readonly voxels: Voxels;
  readonly #frames: VolumeFrames;
  readonly #texture: VolumeTexture;
  readonly #loading: VolumeLoading;

  /** Throws where there is no memory. */
  constructor(store: VolumeStore, frames: VolumeFrames, events: LayerEvents) {
    const { volume, series, metadata, factor } = frames;
    this.#frames = frames;
    const uids = new Set<string>(volume.sources.flatMap(({ frame }) => series.frames[frame]?.sopInstanceUid ?? []));
    const [columns, rows, slices] = volume.grid.size;
    const count = columns * rows * slices;
    this.voxels =
      factor === 1
        ? newVoxels(
            metadata.filter((instance) => uids.has(text(instance, Tag.SopInstanceUid) ?? '')),
            count,
          )
        : new Float32Array(count);
    this.voxels.fill(outsideValue(series.modality));
    this.#texture = new VolumeTexture(volume, this.voxels, series.modality);
    this.#loading = new VolumeLoading(store, frames, this.voxels, {
      changed: (slices) => {
        this.#texture.update(slices);
        events.changed();
      },
      first: (image, frame) => events.first(this.#windowOf(image, frame)),
    });
  }

  get id(): string {
    return this.#texture.id;
  }

  #windowOf(image: Types.IImage, frame: number): VoiWindow {
    const [named] = this.#frames.series.frames[frame]?.windows ?? [];
    return named ?? windowOfImage(image) ?? windowOf(rangeOfImage(image));
  }

  valueAt(point: Vector3): number | undefined {
    return voxelAt(this.#frames.volume, this.voxels, point);
  }

  destroy(): void {
    this.#loading.destroy();
    this.#texture.destroy();
  }
}
