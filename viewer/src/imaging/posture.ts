/**
 * How mammograms are hung, whatever way they were stored: the chest wall of the right breast at the right edge and that
 * of the left one at the left edge, so that they stand back to back when the right breast is on the left; the side of the
 * arm above in views from the head, the head above in the others (PS3.3 C.7.6.1.1.1, Patient Orientation, has the same).
 */
import type { Frame } from './frames';
import { oppositeLetters } from './orientation';

export interface Posture {
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** The edge of the screen that the chest wall is at. */
  readonly chestWall: 'left' | 'right';
}

/** Views from the head or the feet. */
const vertical = new Set(['CC', 'XCC', 'XCCL', 'XCCM', 'CV', 'FB']);

/** Of a mammogram whose side and orientation are known; of all else nothing is known to be better. */
export function postureOf(frame: Frame | undefined): Posture | undefined {
  const { projection, orientation } = frame ?? {};
  if (!projection?.isMammogram || !projection.laterality || orientation?.kind !== 'letters') {
    return undefined;
  }
  const isRight = projection.laterality === 'R';
  const isVertical = vertical.has(projection.view ?? '');
  const [toRight, toBottom] = [isRight ? 'P' : 'A', isVertical ? (isRight ? 'L' : 'R') : 'F'];
  const [row, column] = [orientation.row.slice(0, 1), orientation.column.slice(0, 1)];
  if (row !== toRight && row !== oppositeLetters(toRight)) {
    return undefined;
  }
  return {
    flipHorizontal: row !== toRight,
    flipVertical: column === oppositeLetters(toBottom),
    chestWall: isRight ? 'right' : 'left',
  };
}

/** An extent in millimetres. */
export interface Extent {
  readonly widthMm: number;
  readonly heightMm: number;
}

/**
 * The extent that all mammograms in sight are fitted to, so that one is as large as the other; undefined for fewer than two, or if
 * one does not say how large its pixels are.
 */
export function commonExtent(frames: readonly Frame[]): Extent | undefined {
  const mammograms = frames.filter(({ projection }) => projection.isMammogram);
  const extents = mammograms.flatMap(({ spacing, rows, columns }) =>
    spacing ? [{ widthMm: columns * spacing.columnMm, heightMm: rows * spacing.rowMm }] : [],
  );
  return extents.length < 2 || extents.length < mammograms.length
    ? undefined
    : {
        widthMm: Math.max(...extents.map(({ widthMm }) => widthMm)),
        heightMm: Math.max(...extents.map(({ heightMm }) => heightMm)),
      };
}

export function isSameExtent(a: Extent | undefined, b: Extent | undefined): boolean {
  return a?.widthMm === b?.widthMm && a?.heightMm === b?.heightMm;
}
