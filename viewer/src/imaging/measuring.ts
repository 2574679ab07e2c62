/** Lengths, angles and areas of what is drawn on a picture, in millimetres where the size of its pixels is known. */
import type { PicturePoint } from './imagePlane';

/** The size of a pixel: in millimetres, or 1 by 1 where it is not known. */
export interface PixelSize {
  readonly column: number;
  readonly row: number;
}

type Step = readonly [right: number, down: number];

function step(from: PicturePoint, to: PicturePoint, { column, row }: PixelSize): Step {
  return [(to[0] - from[0]) * column, (to[1] - from[1]) * row];
}

export function lengthBetween(from: PicturePoint, to: PicturePoint, pixel: PixelSize): number {
  return Math.hypot(...step(from, to, pixel));
}

/** Between two directions, 0 to 180 degrees; 0 where one has no length. */
function angleOf(a: Step, b: Step): number {
  const [cross, dot] = [a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]];
  return (Math.abs(Math.atan2(cross, dot)) * 180) / Math.PI;
}

/** The angle at `corner`, in degrees. */
export function angleAt(from: PicturePoint, corner: PicturePoint, to: PicturePoint, pixel: PixelSize): number {
  return angleOf(step(corner, from, pixel), step(corner, to, pixel));
}

type Line = readonly [from: PicturePoint, to: PicturePoint];

/** The angle between two lines, at most 90 degrees: whichever way each was drawn. */
export function cobbAngle(one: Line, other: Line, pixel: PixelSize): number {
  const angle = angleOf(step(...one, pixel), step(...other, pixel));
  return Math.min(angle, 180 - angle);
}

/** Of an ellipse that fills the rectangle between two corners. */
export function ellipseArea(corner: PicturePoint, opposite: PicturePoint, pixel: PixelSize): number {
  return (Math.PI / 4) * rectangleArea(corner, opposite, pixel);
}

export function rectangleArea(corner: PicturePoint, opposite: PicturePoint, pixel: PixelSize): number {
  const [right, down] = step(corner, opposite, pixel);
  return Math.abs(right * down);
}

/** Of a closed outline that does not cross itself. */
export function polygonArea(outline: readonly PicturePoint[], { column, row }: PixelSize): number {
  const twice = outline.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = outline[(at + 1) % outline.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return (Math.abs(twice) / 2) * column * row;
}
