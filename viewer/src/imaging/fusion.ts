/**
 * Which series is laid over which, and whether they may be: only pictures of one Frame of Reference (PS3.3 C.7.4.1) have
 * their places in common. What lies where is taken from the headers; nothing is registered here.
 */
import type { Frame } from './frames';
import type { ValueMeaning } from './valueUnit';
import type { Vector3 } from './vector';
import type { Voxels } from './volumeFiller';
import { toVoxel, type Volume, type VolumeRefusal, volumesOf } from './volumeGeometry';
import { type VoiWindow, windowOf } from './window';

/** From what lies below, in grey, to what lies above, in colours. */
const fromBelow: readonly string[] = ['CT', 'MR', 'NM', 'PT'];

export function isFusable(modality: string): boolean {
  return fromBelow.includes(modality);
}

/** The one that lies below first; of equals, that which was open. */
export function belowFirst<Series extends { readonly modality: string }>(
  open: Series,
  other: Series,
): [Series, Series] {
  return fromBelow.indexOf(open.modality) <= fromBelow.indexOf(other.modality) ? [open, other] : [other, open];
}

/** Why a series is not laid over a volume: translation keys below `volume.fusion.why.`. */
export type FusionRefusal = VolumeRefusal | 'otherFrame' | 'tooLarge';

/** What of these frames can be laid over a volume. */
export function volumeOver(below: Volume, frames: readonly Frame[]): Volume | FusionRefusal {
  const volumes = volumesOf(frames);
  return typeof volumes === 'string'
    ? volumes
    : (volumes.find((volume) => volume.frameOfReferenceUid === below.frameOfReferenceUid) ?? 'otherFrame');
}

const unknown: ValueMeaning = { unit: 'none', factor: 1, isLossy: false };

/** What the values of a volume count; nothing that is known if its frames do not agree. */
export function meaningOf({ sources }: Volume, frames: readonly Frame[]): ValueMeaning {
  const meanings = sources.map(({ frame }) => frames[frame]?.values ?? unknown);
  const [first = unknown] = meanings;
  return meanings.every(({ unit, factor }) => unit === first.unit && factor === first.factor) ? first : unknown;
}

/** Uptake as it is usually looked at first. */
export const uptakeWindow: VoiWindow = windowOf({ lower: 0, upper: 5 }, 'LINEAR_EXACT');

/** The voxel at a point of the patient; undefined outside. */
export function voxelAt({ grid }: Volume, voxels: Voxels, point: Vector3): number | undefined {
  const [x, y, z] = toVoxel(grid, point).map(Math.round) as [number, number, number];
  const [columns, rows, slices] = grid.size;
  const isInside = x >= 0 && y >= 0 && z >= 0 && x < columns && y < rows && z < slices;
  return isInside ? voxels[(z * rows + y) * columns + x] : undefined;
}
