/** The values in a part of a picture. */
import type { PicturePoint } from './imagePlane';

/** A picture of one value a pixel. */
interface Values {
  readonly pixels: ArrayLike<number>;
  readonly columns: number;
  readonly rows: number;
}

function span(a: number, b: number, count: number): { first: number; last: number } {
  return { first: Math.max(Math.round(Math.min(a, b)), 0), last: Math.min(Math.round(Math.max(a, b)), count - 1) };
}

/** Those of every pixel that the rectangle between two corners touches; none where there is no picture. */
export function valuesBetween({ pixels, columns, rows }: Values, a: PicturePoint, b: PicturePoint): number[] {
  const [across, down] = [span(a[0], b[0], columns), span(a[1], b[1], rows)];
  const values: number[] = [];
  for (let row = down.first; row <= down.last; row += 1) {
    for (let column = across.first; column <= across.last; column += 1) {
      values.push(pixels[row * columns + column] ?? 0);
    }
  }
  return values;
}
