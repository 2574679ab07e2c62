/** Where a picture lies on the screen: from pixels of the viewport to columns and rows of the picture, and back. */
import type { PicturePoint } from './imagePlane';
import type { ScreenDirection } from './orientation';

/** A point of the viewport in CSS pixels from its upper left corner. */
export type ScreenPoint = readonly [x: number, y: number];

/** A rectangle of the viewport between two opposite corners. */
export interface ScreenRegion {
  readonly from: ScreenPoint;
  readonly to: ScreenPoint;
}

export interface Placement {
  /** The point of the picture in the upper left corner of the viewport. */
  readonly corner: PicturePoint;
  /** The steps of one pixel of the screen, in columns and rows. */
  readonly right: ScreenDirection;
  readonly down: ScreenDirection;
  /** Of the viewport. */
  readonly width: number;
  readonly height: number;
}

export function pictureAt({ corner, right, down }: Placement, [x, y]: ScreenPoint): PicturePoint {
  return [corner[0] + right[0] * x + down[0] * y, corner[1] + right[1] * x + down[1] * y];
}

/** Undefined for a picture that has no extent on the screen. */
export function screenAt({ corner, right, down }: Placement, [column, row]: PicturePoint): ScreenPoint | undefined {
  const determinant = right[0] * down[1] - right[1] * down[0];
  if (determinant === 0) {
    return undefined;
  }
  const [u, v] = [column - corner[0], row - corner[1]];
  return [(u * down[1] - v * down[0]) / determinant, (v * right[0] - u * right[1]) / determinant];
}

/** The point of the picture in the middle of the viewport. */
export function middle(placement: Placement): PicturePoint {
  return pictureAt(placement, [placement.width / 2, placement.height / 2]);
}
