/**
 * Orientation letters at the edges of a picture (PS3.3 C.7.6.1.1.1, Patient Orientation; C.7.6.2.1.1, Image Position and
 * Image Orientation). x grows to the patient's Left, y to the Posterior, z to the Head.
 */
import { combine, dot, length, type Vector3 } from './vector';

/** The direction of a picture's rows (to the right) and columns (downwards) before it is turned or flipped. */
export interface PlaneOrientation {
  readonly row: Vector3;
  readonly column: Vector3;
}

/** What is known about where a picture lies in the patient. */
export type OrientationSource =
  | { readonly kind: 'plane'; readonly plane: PlaneOrientation }
  | { readonly kind: 'letters'; readonly row: string; readonly column: string };

/** A direction on the screen in steps of the picture: so much along its rows, so much along its columns. */
export type ScreenDirection = readonly [alongRow: number, alongColumn: number];

export interface EdgeLetters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

const axes = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
] as const;

/** A component under this share of the direction is not written: cos 78°, so a plane tilted by 10° keeps one letter. */
const negligible = 0.2;

const opposites: Readonly<Record<string, string>> = { L: 'R', R: 'L', P: 'A', A: 'P', H: 'F', F: 'H' };

/** Letters of a direction in the patient, the strongest component first: oblique planes have two or three. */
export function directionLetters(direction: Vector3): string {
  const size = length(direction);
  if (size === 0) {
    return '';
  }
  return axes
    .map(([positive, negative], axis) => {
      const share = (direction[axis] ?? 0) / size;
      return { letter: share > 0 ? positive : negative, share: Math.abs(share) };
    })
    .filter(({ share }) => share > negligible)
    .sort((a, b) => b.share - a.share)
    .map(({ letter }) => letter)
    .join('');
}

/** The letters of the opposite direction. */
export function oppositeLetters(letters: string): string {
  return [...letters].map((letter) => opposites[letter] ?? letter).join('');
}

function lettersToward(source: OrientationSource, [alongRow, alongColumn]: ScreenDirection): string {
  if (source.kind === 'plane') {
    return directionLetters(combine(source.plane.row, alongRow, source.plane.column, alongColumn));
  }
  // Letters alone say nothing of a direction between the two axes: the nearer axis is taken.
  const byRow = Math.abs(alongRow) >= Math.abs(alongColumn);
  const letters = byRow ? source.row : source.column;
  return (byRow ? alongRow : alongColumn) >= 0 ? letters : oppositeLetters(letters);
}

/** The letters at the four edges, given where the screen's right and down point in the picture. */
export function edgeLetters(source: OrientationSource, right: ScreenDirection, down: ScreenDirection): EdgeLetters {
  const toRight = lettersToward(source, right);
  const toBottom = lettersToward(source, down);
  return { left: oppositeLetters(toRight), right: toRight, top: oppositeLetters(toBottom), bottom: toBottom };
}

/** Whether two directions are unit vectors at right angles, as Image Orientation (Patient) promises. */
export function isPlane(row: Vector3, column: Vector3): boolean {
  const tolerance = 0.01;
  return (
    Math.abs(length(row) - 1) < tolerance &&
    Math.abs(length(column) - 1) < tolerance &&
    Math.abs(dot(row, column)) < tolerance
  );
}
