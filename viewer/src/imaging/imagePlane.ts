/**
 * Where the pixels of a picture lie in the patient (PS3.3 C.7.6.2.1.1, Image Position and Image Orientation), and how
 * pictures of one Frame of Reference (PS3.3 C.7.4.1) lie to each other.
 */
import type { FrameOfReferenceUid } from '../dicomweb/uid';
import type { Frame } from './frames';
import { add, combine, cross, dot, subtract, type Vector3 } from './vector';

/** A point of a picture in columns and rows; the centre of the first pixel is 0, 0. */
export type PicturePoint = readonly [column: number, row: number];

/** A rectangle of pixels in the patient. */
export interface ImagePlane {
  readonly frameOfReferenceUid: FrameOfReferenceUid;
  /** The centre of the first pixel. */
  readonly position: Vector3;
  readonly row: Vector3;
  readonly column: Vector3;
  readonly columnMm: number;
  readonly rowMm: number;
  readonly rows: number;
  readonly columns: number;
}

/** The plane of a frame; undefined if its place in the patient is not known. */
export function planeOfFrame(frame: Frame | undefined): ImagePlane | undefined {
  const { frameOfReferenceUid, position, plane, spacing, rows, columns } = frame ?? {};
  if (!frameOfReferenceUid || !position || !plane || spacing?.source !== 'patient' || !rows || !columns) {
    return undefined;
  }
  return {
    frameOfReferenceUid,
    position,
    row: plane.row,
    column: plane.column,
    columnMm: spacing.columnMm,
    rowMm: spacing.rowMm,
    rows,
    columns,
  };
}

export function normal(plane: ImagePlane): Vector3 {
  return cross(plane.row, plane.column);
}

/** Where a point of the picture lies in the patient. */
export function toPatient(plane: ImagePlane, [column, row]: PicturePoint): Vector3 {
  return add(plane.position, combine(plane.row, column * plane.columnMm, plane.column, row * plane.rowMm));
}

/** The point of the picture that a point of the patient is straight above or below of. */
export function toPicture(plane: ImagePlane, point: Vector3): PicturePoint {
  const offset = subtract(point, plane.position);
  return [dot(offset, plane.row) / plane.columnMm, dot(offset, plane.column) / plane.rowMm];
}

/** How far a point lies above the plane, in millimetres. */
export function distanceTo(plane: ImagePlane, point: Vector3): number {
  return dot(subtract(point, plane.position), normal(plane));
}

/** The centre of the picture in the patient. */
export function centre(plane: ImagePlane): Vector3 {
  return toPatient(plane, [(plane.columns - 1) / 2, (plane.rows - 1) / 2]);
}

/** Whether a point of the picture is on it, its border included. */
export function isOn(plane: ImagePlane, [column, row]: PicturePoint): boolean {
  return column >= -0.5 && row >= -0.5 && column <= plane.columns - 0.5 && row <= plane.rows - 0.5;
}

/** Planes within about 2.5° count as parallel. */
export const parallel = 0.999;

/** Whether two pictures can be scrolled together: the same Frame of Reference, and parallel planes. */
export function isLinkable(a: ImagePlane, b: ImagePlane): boolean {
  return a.frameOfReferenceUid === b.frameOfReferenceUid && Math.abs(dot(normal(a), normal(b))) > parallel;
}

/** A frame of a stack by its distance from a point. */
export interface Nearest {
  readonly index: number;
  readonly distanceMm: number;
}

/**
 * The frame of a stack that is nearest to a point, of those in the point's Frame of Reference. Of frames in one place, as
 * the phases of a heart have, the one nearest to the present index is meant.
 */
export function nearestFrame(
  frames: readonly Frame[],
  point: Vector3,
  frameOfReferenceUid: FrameOfReferenceUid,
  present: number,
): Nearest | undefined {
  const tolerance = 0.01;
  let best: Nearest | undefined;
  frames.forEach((frame, index) => {
    const plane = planeOfFrame(frame);
    if (plane?.frameOfReferenceUid !== frameOfReferenceUid) {
      return;
    }
    const distanceMm = Math.abs(distanceTo(plane, point));
    const isNearer = !best || distanceMm < best.distanceMm - tolerance;
    const isSame = best && Math.abs(distanceMm - best.distanceMm) <= tolerance;
    if (isNearer || (isSame && best && Math.abs(index - present) < Math.abs(best.index - present))) {
      best = { index, distanceMm };
    }
  });
  return best;
}

/** How thick the patient is that a frame of the stack stands for: from half-way to the frame before to half-way on. */
export function sliceThicknessMm(frames: readonly Frame[], index: number): number {
  const plane = planeOfFrame(frames[index]);
  const gaps = [frames[index - 1], frames[index + 1]].flatMap((neighbour) => {
    const other = planeOfFrame(neighbour);
    const gap = plane && other ? Math.abs(distanceTo(plane, other.position)) : 0;
    return gap > 0 ? [gap] : [];
  });
  return Math.max(frames[index]?.thicknessMm ?? 0, ...gaps);
}
