/**
 * Which frames of a series make a volume, and how it lies in the patient. Told are a gantry tilt, slices at odd distances
 * and slices that are missing; frames of which no honest volume can be made are refused, with the reason.
 */
import type { Frame } from './frames';
import { centre, type ImagePlane, normal, parallel, planeOfFrame } from './imagePlane';
import { add, cross, dot, length, scale, subtract, type Vector3 } from './vector';

/** A box of voxels in the patient; all three directions are unit vectors, at right angles. */
export interface VoxelGrid {
  /** The centre of the first voxel. */
  readonly origin: Vector3;
  /** Along the columns of a slice, along its rows, and from slice to slice. */
  readonly directions: readonly [Vector3, Vector3, Vector3];
  readonly spacing: Vector3;
  readonly size: Vector3;
}

/** Where a frame goes in the grid. */
export interface SourceSlice {
  /** The place of the frame in the series. */
  readonly frame: number;
  /** In slices of the grid from its first; between two of them where slices lie at odd distances. */
  readonly depth: number;
  /** Of its first pixel in its plane, in voxels: tilted slices lie beside each other. */
  readonly shift: readonly [columns: number, rows: number];
}

/** What a reader has to know of a volume: translation keys below `volume.limit.`. */
export type VolumeLimit =
  | { readonly kind: 'tilted'; readonly degrees: number }
  | { readonly kind: 'shifted'; readonly mm: number }
  | { readonly kind: 'irregular'; readonly leastMm: number; readonly mostMm: number }
  | { readonly kind: 'missing'; readonly count: number }
  | { readonly kind: 'part'; readonly count: number; readonly total: number }
  | { readonly kind: 'reduced'; readonly inPlane: number; readonly slices: number };

/** Why frames make no volume: translation keys below `volume.refused.`. */
export type VolumeRefusal = 'noGeometry' | 'colour' | 'tooFew' | 'samePlace' | 'gaps';

export interface Volume {
  readonly frameOfReferenceUid: ImagePlane['frameOfReferenceUid'];
  readonly grid: VoxelGrid;
  /** By depth. */
  readonly sources: readonly SourceSlice[];
  /** Of a frame. */
  readonly columns: number;
  readonly rows: number;
  /** Pixels of a frame that make one voxel, in each direction of its plane. */
  readonly binning: number;
  readonly limits: readonly VolumeLimit[];
}

/** Fewer slices show nothing across them. */
const fewestSlices = 3;
/** Of the distance of slices: how far from its place a slice may lie. */
const evenness = 0.1;
/** Of a pixel: slices that lie less than that beside each other count as straight. */
const straightness = 0.5;
/** Slices that are missing, of those that should be there; and holes between two slices, in usual distances. */
const [mostMissing, widestHole] = [1 / 3, 8];

interface Placed {
  readonly frame: number;
  readonly plane: ImagePlane;
  readonly thicknessMm: number | undefined;
  readonly number: number;
}

function goTogether(a: Placed, b: Placed, frames: readonly Frame[]): boolean {
  const isNear = (one: number, other: number) => Math.abs(one - other) <= 0.001 * one;
  return (
    frames[a.frame]?.subset === frames[b.frame]?.subset &&
    a.plane.frameOfReferenceUid === b.plane.frameOfReferenceUid &&
    a.plane.rows === b.plane.rows &&
    a.plane.columns === b.plane.columns &&
    isNear(a.plane.rowMm, b.plane.rowMm) &&
    isNear(a.plane.columnMm, b.plane.columnMm) &&
    dot(a.plane.row, b.plane.row) > parallel &&
    dot(a.plane.column, b.plane.column) > parallel
  );
}

/** Sets of frames that are alike in all but their place. */
function alike(frames: readonly Frame[]): Placed[][] {
  const sets: Placed[][] = [];
  frames.forEach((frame, index) => {
    const plane = frame.isColour ? undefined : planeOfFrame(frame);
    if (plane) {
      const { thicknessMm, instanceNumber, frameNumber } = frame;
      const placed = { frame: index, plane, thicknessMm, number: (instanceNumber ?? 0) * 100_000 + frameNumber };
      const set = sets.find(([first]) => first && goTogether(first, placed, frames));
      if (set) {
        set.push(placed);
      } else {
        sets.push([placed]);
      }
    }
  });
  return sets;
}

/** Frames of several rounds through the same places, as of a contrast study that numbers no times, round by round. */
function rounds(set: readonly Placed[]): Placed[][] | undefined {
  const [first] = set;
  if (!first) {
    return undefined;
  }
  const along = normal(first.plane);
  const depth = ({ plane }: Placed) => dot(plane.position, along);
  const places: Placed[][] = [];
  for (const placed of [...set].sort((a, b) => depth(a) - depth(b))) {
    const last = places.at(-1);
    if (last?.[0] && depth(placed) - depth(last[0]) < 0.01) {
      last.push(placed);
    } else {
      places.push([placed]);
    }
  }
  const count = places[0]?.length ?? 0;
  if (places.some((place) => place.length !== count)) {
    return undefined;
  }
  const ordered = places.map((place) => place.sort((a, b) => a.number - b.number));
  return Array.from({ length: count }, (_, round) => ordered.flatMap((place) => place[round] ?? []));
}

interface Steps {
  readonly stepMm: number;
  readonly depths: readonly number[];
  readonly limit?: VolumeLimit;
}

/** How far slices are from each other; `depthsMm` ascend. */
function steps(depthsMm: readonly number[], slices: readonly Placed[]): Steps | undefined {
  const gaps = depthsMm.slice(1).map((depth, at) => depth - (depthsMm[at] ?? 0));
  const sorted = [...gaps].sort((a, b) => a - b);
  const [least, usual, most] = [sorted[0] ?? 0, sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, sorted.at(-1) ?? 0];
  const totalMm = (depthsMm.at(-1) ?? 0) - (depthsMm[0] ?? 0);
  if (!(least > 0) || most > widestHole * usual) {
    return undefined;
  }
  const multiples = gaps.map((gap) => Math.max(1, Math.round(gap / usual)));
  let at = 0;
  const places = [
    0,
    ...multiples.map((multiple) => {
      at += multiple;
      return at;
    }),
  ];
  const evenMm = totalMm / at;
  // By their places, not their distances: headers are rounded.
  const isEven = depthsMm.every(
    (depth, slice) => Math.abs(depth - (depthsMm[0] ?? 0) - (places[slice] ?? 0) * evenMm) <= evenness * evenMm + 0.01,
  );
  const missing = at - gaps.length;
  // Slices that are as thick as the gap leave nothing out.
  const areHoles = gaps.every((gap, at) => multiples[at] === 1 || (slices[at]?.thicknessMm ?? 0) < 0.75 * gap);
  const holes = multiples.filter((multiple) => multiple > 1).length;
  if (isEven && (missing === 0 || (areHoles && holes <= gaps.length / 4))) {
    if (missing > mostMissing * (at + 1)) {
      return undefined;
    }
    return {
      stepMm: evenMm,
      depths: places,
      ...(missing > 0 ? { limit: { kind: 'missing', count: missing } } : {}),
    };
  }
  // Finer than the slices are on the average would only cost memory.
  const stepMm = Math.max(least, totalMm / (4 * gaps.length));
  return {
    stepMm,
    depths: depthsMm.map((depth) => (depth - (depthsMm[0] ?? 0)) / stepMm),
    limit: { kind: 'irregular', leastMm: least, mostMm: most },
  };
}

/** How far the slices lie beside the first, in pixels, and what that means. */
function shifts(slices: readonly Placed[], first: ImagePlane, depthsMm: readonly number[]) {
  const beside = slices.map(({ plane }): readonly [number, number] => {
    const offset = subtract(plane.position, first.position);
    return [dot(offset, first.row) / first.columnMm, dot(offset, first.column) / first.rowMm];
  });
  const size = ([columns, rows]: readonly [number, number]) => Math.hypot(columns * first.columnMm, rows * first.rowMm);
  const pixelMm = Math.min(first.columnMm, first.rowMm);
  if (beside.every((shift) => size(shift) <= straightness * pixelMm)) {
    return { shifts: beside.map((): readonly [number, number] => [0, 0]), limits: [] };
  }
  const last = beside.at(-1) ?? [0, 0];
  const totalMm = (depthsMm.at(-1) ?? 0) - (depthsMm[0] ?? 0);
  const astray = Math.max(
    ...beside.map(([columns, rows], at) => {
      const share = ((depthsMm[at] ?? 0) - (depthsMm[0] ?? 0)) / totalMm;
      return size([columns - share * last[0], rows - share * last[1]]);
    }),
  );
  const limit: VolumeLimit =
    astray <= pixelMm
      ? { kind: 'tilted', degrees: (Math.atan2(size(last), totalMm) * 180) / Math.PI }
      : { kind: 'shifted', mm: astray };
  return { shifts: beside, limits: [limit] };
}

/** The volume of slices that are alike and in different places, given by their depth. */
function volumeOfSlices(slices: readonly Placed[], total: number): Volume | VolumeRefusal {
  const first = slices[0]?.plane;
  if (!first || slices.length < fewestSlices) {
    return 'tooFew';
  }
  const along = normal(first);
  const depthsMm = slices.map(({ plane }) => dot(plane.position, along));
  const stepping = steps(depthsMm, slices);
  if (!stepping) {
    return 'gaps';
  }
  const besides = shifts(slices, first, depthsMm);
  const range = (axis: 0 | 1) => {
    const values = besides.shifts.map((shift) => shift[axis]);
    return [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))] as const;
  };
  const [[left, right], [top, bottom]] = [range(0), range(1)];
  const row = first.row;
  // At right angles to a hair, as the engine wants it; headers are rounded.
  const column = cross(along, row);
  return {
    frameOfReferenceUid: first.frameOfReferenceUid,
    grid: {
      origin: add(first.position, add(scale(row, left * first.columnMm), scale(column, top * first.rowMm))),
      directions: [unit(row), unit(column), unit(along)],
      spacing: [first.columnMm, first.rowMm, stepping.stepMm],
      size: [
        first.columns + right - left,
        first.rows + bottom - top,
        Math.floor((stepping.depths.at(-1) ?? 0) + 0.01) + 1,
      ],
    },
    sources: slices.map(({ frame }, at) => {
      const [columns, rows] = besides.shifts[at] ?? [0, 0];
      return { frame, depth: stepping.depths[at] ?? 0, shift: [columns - left, rows - top] };
    }),
    columns: first.columns,
    rows: first.rows,
    binning: 1,
    limits: [
      ...besides.limits,
      ...(stepping.limit ? [stepping.limit] : []),
      ...(slices.length < total ? [{ kind: 'part', count: slices.length, total } as const] : []),
    ],
  };
}

function unit(vector: Vector3): Vector3 {
  return scale(vector, 1 / length(vector));
}

/** The volumes of a series, that of the most frames first; or why there is none. */
export function volumesOf(frames: readonly Frame[]): readonly Volume[] | VolumeRefusal {
  const sets = alike(frames);
  if (sets.length === 0) {
    return frames.some(({ isColour }) => isColour) ? 'colour' : 'noGeometry';
  }
  const found = sets.flatMap((set) => {
    const separate = rounds(set);
    return separate
      ? separate.map((slices) => ({ count: set.length, volume: volumeOfSlices(slices, frames.length) }))
      : [{ count: set.length, volume: 'samePlace' as const }];
  });
  const volumes = found.flatMap(({ volume }) => (typeof volume === 'string' ? [] : [volume]));
  if (volumes.length > 0) {
    return volumes.sort((a, b) => b.sources.length - a.sources.length);
  }
  const [largest] = found.sort((a, b) => b.count - a.count);
  return typeof largest?.volume === 'string' ? largest.volume : 'tooFew';
}

/** The volume that a frame belongs to, or the first. */
export function volumeWith(volumes: readonly Volume[], frame: number): Volume | undefined {
  return volumes.find(({ sources }) => sources.some((source) => source.frame === frame)) ?? volumes[0];
}

/** A point of the patient in voxels of the grid; the centre of the first is 0, 0, 0. */
export function toVoxel(grid: VoxelGrid, point: Vector3): Vector3 {
  const offset = subtract(point, grid.origin);
  const along = (axis: 0 | 1 | 2) => dot(offset, grid.directions[axis]) / grid.spacing[axis];
  return [along(0), along(1), along(2)];
}

/** Where a voxel lies in the patient. */
export function fromVoxel(grid: VoxelGrid, [x, y, z]: Vector3): Vector3 {
  const { origin, directions, spacing } = grid;
  const inPlane = add(scale(directions[0], x * spacing[0]), scale(directions[1], y * spacing[1]));
  return add(origin, add(inPlane, scale(directions[2], z * spacing[2])));
}

/** The nearest point that the grid has. */
export function clampedTo(grid: VoxelGrid, point: Vector3): Vector3 {
  const voxel = toVoxel(grid, point);
  const within = (axis: 0 | 1 | 2) => Math.min(Math.max(voxel[axis], 0), grid.size[axis] - 1);
  return fromVoxel(grid, [within(0), within(1), within(2)]);
}

/** The middle voxel: on a slice, so that the first picture is one that was taken. */
export function middleOf({ grid }: Volume): Vector3 {
  const [x, y, z] = grid.size;
  return fromVoxel(grid, [Math.floor((x - 1) / 2), Math.floor((y - 1) / 2), Math.floor((z - 1) / 2)]);
}

/** The source whose plane is nearest to a point. */
export function nearestSource({ grid, sources }: Volume, point: Vector3): SourceSlice | undefined {
  const [, , depth] = toVoxel(grid, point);
  const distance = (source: SourceSlice) => Math.abs(source.depth - depth);
  return sources.reduce<SourceSlice | undefined>(
    (best, source) => (best && distance(best) <= distance(source) ? best : source),
    undefined,
  );
}

/** Where planes cross at first: at the frame that was shown, or in the middle if nobody had leafed to it. */
export function firstCross(volume: Volume, frames: readonly Frame[], index: number): Vector3 {
  const plane = index > 0 ? planeOfFrame(frames[index]) : undefined;
  return plane ? clampedTo(volume.grid, centre(plane)) : middleOf(volume);
}
