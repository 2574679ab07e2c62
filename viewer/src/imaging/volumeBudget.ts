/** How large a volume may be on this device, and what of it is left out where it would be larger. */

import type { Vector3 } from './vector';
import { fromVoxel, type Volume } from './volumeGeometry';

export interface VolumeBudget {
  readonly voxels: number;
  /** Of the longest side: what the graphics card takes as a texture. */
  readonly side: number;
}

const mebi = 2 ** 20;
/** A voxel takes 2 bytes here and, as few cards draw those, 4 there: a sixteenth of the memory of the device. */
const voxelsPerGigabyte = 16 * mebi;
const mostGigabytes = 16;

/** By the memory of the device, which browsers round and cap; 4 GiB where they do not tell. */
export function volumeBudget(deviceGigabytes: number | undefined, side: number): VolumeBudget {
  return { voxels: Math.min(deviceGigabytes ?? 4, mostGigabytes) * voxelsPerGigabyte, side };
}

/** What may be made one: coarser is no volume to read from. */
const binnings = [1, 2] as const;
const skips = [1, 2, 3, 4] as const;

function reduced(volume: Volume, binning: number, skip: number): Volume {
  if (binning === 1 && skip === 1) {
    return volume;
  }
  const { grid, sources, limits } = volume;
  const [columns, rows, slices] = grid.size;
  const corner = (binning - 1) / 2;
  return {
    ...volume,
    grid: {
      ...grid,
      origin: fromVoxel(grid, [corner, corner, 0]),
      spacing: [grid.spacing[0] * binning, grid.spacing[1] * binning, grid.spacing[2] * skip],
      size: [Math.floor(columns / binning), Math.floor(rows / binning), Math.floor((slices - 1) / skip) + 1],
    },
    sources: sources.map(({ frame, depth, shift }) => ({
      frame,
      depth: depth / skip,
      shift: [shift[0] / binning, shift[1] / binning],
    })),
    binning,
    limits: [...limits, { kind: 'reduced', inPlane: binning, slices: skip }],
  };
}

export function voxelsOf({ grid: { size } }: Volume): number {
  return size[0] * size[1] * size[2];
}

function fits(volume: Volume, { voxels, side }: VolumeBudget): boolean {
  return voxelsOf(volume) <= voxels && Math.max(...volume.grid.size) <= side;
}

/** The volume as fine as the budget allows; undefined if even the coarsest is too large. */
export function fitted(volume: Volume, budget: VolumeBudget): Volume | undefined {
  const coarsest = (spacing: Vector3) => Math.max(...spacing);
  const [best] = binnings
    .flatMap((binning) => skips.map((skip) => reduced(volume, binning, skip)))
    .filter((candidate) => fits(candidate, budget))
    .sort((a, b) => coarsest(a.grid.spacing) - coarsest(b.grid.spacing) || voxelsOf(b) - voxelsOf(a));
  return best;
}

/** Of the budget: what a volume may take that another is laid over, which is the coarser one as a rule. */
const belowShare = 3 / 4;

/** Two volumes that are drawn together, both as fine as the budget allows. */
export function fittedTogether(
  below: Volume,
  above: Volume,
  budget: VolumeBudget,
): { readonly below: Volume; readonly above: Volume } | undefined {
  const under = fitted(below, { ...budget, voxels: budget.voxels * belowShare });
  const over = under && fitted(above, { ...budget, voxels: budget.voxels - voxelsOf(under) });
  return under && over && { below: under, above: over };
}
