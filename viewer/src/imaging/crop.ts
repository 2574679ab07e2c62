/** A box in the patient to which a volume is cut: its faces are those of the body, however the slices lie. */
import type { Vector3 } from './vector';
import { fromVoxel, type VoxelGrid } from './volumeGeometry';

export interface Box {
  readonly low: Vector3;
  readonly high: Vector3;
}

/** To the patient's left, back and head the axes run up (PS3.3 C.7.6.2.1.1). */
export const faceIds = ['right', 'left', 'front', 'back', 'feet', 'head'] as const;
export type FaceId = (typeof faceIds)[number];

interface Face {
  readonly axis: 0 | 1 | 2;
  readonly end: keyof Box;
}

const faces: Readonly<Record<FaceId, Face>> = {
  right: { axis: 0, end: 'low' },
  left: { axis: 0, end: 'high' },
  front: { axis: 1, end: 'low' },
  back: { axis: 1, end: 'high' },
  feet: { axis: 2, end: 'low' },
  head: { axis: 2, end: 'high' },
};

/** The box that the whole grid is in, to the outer edges of its voxels. */
export function boxOf(grid: VoxelGrid): Box {
  const [columns, rows, slices] = grid.size;
  const corners = [-0.5, columns - 0.5].flatMap((x) =>
    [-0.5, rows - 0.5].flatMap((y) => [-0.5, slices - 0.5].map((z) => fromVoxel(grid, [x, y, z]))),
  );
  const along = (end: (...values: number[]) => number): Vector3 => [
    end(...corners.map(([x]) => x)),
    end(...corners.map(([, y]) => y)),
    end(...corners.map(([, , z]) => z)),
  ];
  return { low: along(Math.min), high: along(Math.max) };
}

export function faceAt(box: Box, id: FaceId): number {
  const { axis, end } = faces[id];
  return box[end][axis];
}

/** Of what is left at least so much remains, so that both faces can be taken hold of. */
const thinnestMm = 2;

/** The box with a face in another place: within the whole, and never beyond the opposite face. */
export function withFace(box: Box, whole: Box, id: FaceId, mm: number): Box {
  const { axis, end } = faces[id];
  const [least, most] =
    end === 'low' ? [whole.low[axis], box.high[axis] - thinnestMm] : [box.low[axis] + thinnestMm, whole.high[axis]];
  const place = Math.max(least, Math.min(mm, most));
  const moved = box[end].map((value, at) => (at === axis ? place : value)) as [number, number, number];
  return { ...box, [end]: moved };
}

/** Into the box. */
export function inward(id: FaceId): Vector3 {
  const { axis, end } = faces[id];
  const sign = end === 'low' ? 1 : -1;
  return [axis === 0 ? sign : 0, axis === 1 ? sign : 0, axis === 2 ? sign : 0];
}

/** The middle of a face. */
export function middleOfFace(box: Box, id: FaceId): Vector3 {
  const at = (axis: 0 | 1 | 2) =>
    faces[id].axis === axis ? box[faces[id].end][axis] : (box.low[axis] + box.high[axis]) / 2;
  return [at(0), at(1), at(2)];
}

/** The twelve edges, each from corner to corner. */
export function edgesOf({ low, high }: Box): readonly (readonly [Vector3, Vector3])[] {
  const corner = (bits: number): Vector3 => [
    (bits & 1 ? high : low)[0],
    (bits & 2 ? high : low)[1],
    (bits & 4 ? high : low)[2],
  ];
  return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bits) =>
    [1, 2, 4].flatMap((bit) => (bits & bit ? [] : [[corner(bits), corner(bits | bit)] as const])),
  );
}
