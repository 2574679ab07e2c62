/** The voxels as Cornerstone has them: one volume, whose texture all viewports of one WebGL context share. */
import { cache, type Types, volumeLoader } from '@cornerstonejs/core';
import type { Voxels } from '../imaging/volumeFiller';
import type { Volume } from '../imaging/volumeGeometry';

let volumes = 0;

export class VolumeTexture {
  readonly id: string;
  readonly #volume: Types.IImageVolume;

  /** The voxels belong to the texture from now on: what is written to them shows once it is told. */
  constructor({ grid, frameOfReferenceUid }: Volume, voxels: Voxels, modality: string) {
    volumes += 1;
    this.id = `volume-${volumes}`;
    this.#volume = volumeLoader.createLocalVolume(this.id, {
      scalarData: voxels,
      // The rest of what the type names is of no use where every slice is given.
      metadata: { FrameOfReferenceUID: frameOfReferenceUid, Modality: modality } as unknown as Types.Metadata,
      dimensions: [...grid.size],
      spacing: [...grid.spacing],
      origin: [...grid.origin],
      direction: grid.directions.flatMap((direction) => [...direction]) as Types.Mat3,
    });
    this.update(Array.from({ length: grid.size[2] }, (_, slice) => slice));
  }

  /** These slices have other voxels now. */
  update(slices: readonly number[]): void {
    const { vtkOpenGLTexture, imageData } = this.#volume;
    for (const slice of slices) {
      vtkOpenGLTexture?.setUpdatedFrame(slice);
    }
    imageData?.modified();
  }

  /** Gives the memory back, here and on the graphics card. */
  destroy(): void {
    const { imageIds } = this.#volume;
    if (cache.getVolume(this.id)) {
      cache.removeVolumeLoadObject(this.id);
    }
    for (const imageId of imageIds) {
      if (cache.getImageLoadObject(imageId)) {
        cache.removeImageLoadObject(imageId, { force: true });
      }
    }
  }
}
