/**
 * Planes through a volume as a radiologist looks at them: axial from the feet, sagittal from the patient's left, coronal
 * from the front; turned about each other they stay at right angles.
 */
import type { PicturePoint } from './imagePlane';
import { type EdgeLetters, edgeLetters, type PlaneOrientation } from './orientation';
import { type Placement, pictureAt, type ScreenPoint, screenAt } from './placement';
import { add, combine, cross, dot, scale, subtract, type Vector3 } from './vector';
import type { VoxelGrid } from './volumeGeometry';

export const planeIds = ['axial', 'sagittal', 'coronal'] as const;
export type PlaneId = (typeof planeIds)[number];

/** Where the right and the lower edge of the screen point in the patient, for each plane. */
export type Planes = Readonly<Record<PlaneId, PlaneOrientation>>;

export const standardPlanes: Planes = {
  axial: { row: [1, 0, 0], column: [0, 1, 0] },
  sagittal: { row: [0, 1, 0], column: [0, 0, -1] },
  coronal: { row: [1, 0, 0], column: [0, 0, -1] },
};

/** From the eye into the screen. */
export function lookingAlong({ row, column }: PlaneOrientation): Vector3 {
  return cross(row, column);
}

/** Which way a stack of such planes runs, as those that were taken do: to the feet, to the left, to the back. */
export function leafing(id: PlaneId, planes: Planes): Vector3 {
  return scale(lookingAlong(planes[id]), id === 'coronal' ? 1 : -1);
}

/** `vector` turned about a unit vector (Rodrigues). */
function rotated(vector: Vector3, about: Vector3, radians: number): Vector3 {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const turned = combine(vector, cos, cross(about, vector), sin);
  return add(turned, scale(about, dot(about, vector) * (1 - cos)));
}

/** Both other planes turned clockwise as one sees them in this plane. */
export function turned(planes: Planes, within: PlaneId, radians: number): Planes {
  const about = lookingAlong(planes[within]);
  const turn = (id: PlaneId): PlaneOrientation =>
    id === within
      ? planes[id]
      : { row: rotated(planes[id].row, about, radians), column: rotated(planes[id].column, about, radians) };
  return { axial: turn('axial'), sagittal: turn('sagittal'), coronal: turn('coronal') };
}

/** What is seen from elsewhere: the eye goes to the left and up, so that what is looked at follows the hand. */
export function orbited(plane: PlaneOrientation, right: number, down: number): PlaneOrientation {
  const turn = (vector: Vector3) => rotated(rotated(vector, plane.column, right), plane.row, -down);
  return { row: turn(plane.row), column: turn(plane.column) };
}

/** Whether any plane is turned away from where it began. */
export function isTurned(planes: Planes): boolean {
  return planeIds.some((id) => dot(lookingAlong(planes[id]), lookingAlong(standardPlanes[id])) < 0.9999);
}

/** From one plane to the next of the same kind, in millimetres: a voxel's extent that way. */
export function stepMm({ directions, spacing }: VoxelGrid, along: Vector3): number {
  const [x, y, z] = directions.map((direction) => dot(direction, along));
  return Math.hypot((x ?? 0) * spacing[0], (y ?? 0) * spacing[1], (z ?? 0) * spacing[2]);
}

/** What of a plane is in the middle of the screen, and how large it is drawn. */
export interface PlaneView {
  /** A point of the patient; how deep it lies does not count. */
  readonly middle: Vector3;
  readonly mmPerPixel: number;
}

/** The corners of the grid, to the outer edges of its voxels. */
function corners({ origin, directions, spacing, size }: VoxelGrid): Vector3[] {
  const ends = (axis: 0 | 1 | 2) => [-0.5, size[axis] - 0.5].map((end) => scale(directions[axis], end * spacing[axis]));
  return ends(0).flatMap((x) => ends(1).flatMap((y) => ends(2).map((z) => add(origin, add(x, add(y, z))))));
}

/** The whole volume on a screen of this size, looked at in this plane. */
export function fittedView(grid: VoxelGrid, plane: PlaneOrientation, width: number, height: number): PlaneView {
  const all = corners(grid);
  const extent = (direction: Vector3) => {
    const along = all.map((corner) => dot(corner, direction));
    return [Math.min(...along), Math.max(...along)] as const;
  };
  const [[left, right], [top, bottom]] = [extent(plane.row), extent(plane.column)];
  const first = all[0] ?? grid.origin;
  const deep = lookingAlong(plane);
  return {
    middle: add(
      combine(plane.row, (left + right) / 2, plane.column, (top + bottom) / 2),
      scale(deep, dot(first, deep)),
    ),
    mmPerPixel: Math.max((right - left) / Math.max(width, 1), (bottom - top) / Math.max(height, 1), 0.001),
  };
}

/** A point of the patient in millimetres along the edges of the screen. */
export function onPlane({ row, column }: PlaneOrientation, point: Vector3): PicturePoint {
  return [dot(point, row), dot(point, column)];
}

/** Where the plane lies on the screen, in millimetres. */
export function planePlacement(plane: PlaneOrientation, view: PlaneView, width: number, height: number): Placement {
  const [x, y] = onPlane(plane, view.middle);
  const { mmPerPixel } = view;
  return {
    corner: [x - (width / 2) * mmPerPixel, y - (height / 2) * mmPerPixel],
    right: [mmPerPixel, 0],
    down: [0, mmPerPixel],
    width,
    height,
  };
}

/** The point of the plane through `on` that is drawn at a point of the screen. */
export function patientAt(plane: PlaneOrientation, placement: Placement, on: Vector3, at: ScreenPoint): Vector3 {
  const [x, y] = pictureAt(placement, at);
  const deep = lookingAlong(plane);
  return add(combine(plane.row, x, plane.column, y), scale(deep, dot(on, deep)));
}

export function screenOf(plane: PlaneOrientation, placement: Placement, point: Vector3): ScreenPoint | undefined {
  return screenAt(placement, onPlane(plane, point));
}

export function planeLetters(plane: PlaneOrientation): EdgeLetters {
  return edgeLetters({ kind: 'plane', plane }, [1, 0], [0, 1]);
}

/** The direction on the screen, as a unit vector, in which another plane cuts this one. */
export function cutDirection(planes: Planes, on: PlaneId, of: PlaneId): ScreenPoint {
  const along = cross(lookingAlong(planes[on]), lookingAlong(planes[of]));
  const [x, y] = onPlane(planes[on], along);
  const size = Math.hypot(x, y) || 1;
  return [x / size, y / size];
}

/** The view after zooming about a point of the patient, which stays where it is. */
export function zoomed(view: PlaneView, factor: number, about: Vector3): PlaneView {
  const [least, most] = [0.005, 20];
  const mmPerPixel = Math.min(Math.max(view.mmPerPixel / factor, least), most);
  const share = mmPerPixel / view.mmPerPixel;
  return { middle: add(about, scale(subtract(view.middle, about), share)), mmPerPixel };
}
