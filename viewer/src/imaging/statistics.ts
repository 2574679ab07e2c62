/**
 * What the values in a part of a picture are like. A pixel counts if its centre lies inside; padding is no measurement
 * (PS3.3 C.7.5.1.1.2) and does not count.
 */
import type { PicturePoint } from './imagePlane';
import { isMeasured, type Padding } from './padding';

/** A picture of one modality value a pixel. */
export interface PictureValues {
  readonly pixels: ArrayLike<number>;
  readonly columns: number;
  readonly rows: number;
  readonly padding: Padding | undefined;
}

export interface Statistics {
  readonly mean: number;
  /** Of the population of pixels. */
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Pixels that count. */
  readonly count: number;
}

/** An ellipse or rectangle between two corners, or an outline. */
export type Region =
  | { readonly kind: 'ellipse' | 'rectangle'; readonly corner: PicturePoint; readonly opposite: PicturePoint }
  | { readonly kind: 'outline'; readonly points: readonly PicturePoint[] };

function isInside(region: Region, x: number, y: number): boolean {
  if (region.kind === 'outline') {
    return isWithin(region.points, x, y);
  }
  const { corner, opposite } = region;
  const [halfWidth, halfHeight] = [Math.abs(opposite[0] - corner[0]) / 2, Math.abs(opposite[1] - corner[1]) / 2];
  const across = Math.abs(x - (corner[0] + opposite[0]) / 2) / halfWidth;
  const down = Math.abs(y - (corner[1] + opposite[1]) / 2) / halfHeight;
  return region.kind === 'rectangle' ? across <= 1 && down <= 1 : across * across + down * down <= 1;
}

/** By how often a ray from the point crosses the outline. */
function isWithin(points: readonly PicturePoint[], x: number, y: number): boolean {
  let inside = false;
  points.forEach(([ax, ay], at) => {
    const [bx, by] = points[(at + 1) % points.length] ?? [ax, ay];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) {
      inside = !inside;
    }
  });
  return inside;
}

function bounds(region: Region): readonly PicturePoint[] {
  return region.kind === 'outline' ? region.points : [region.corner, region.opposite];
}

/** The statistics of a region; undefined if no pixel in it counts. */
export function statisticsIn(
  { pixels, columns, rows, padding }: PictureValues,
  region: Region,
): Statistics | undefined {
  const corners = bounds(region);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const first = { column: Math.max(Math.ceil(Math.min(...xs)), 0), row: Math.max(Math.ceil(Math.min(...ys)), 0) };
  const last = { column: Math.min(Math.max(...xs), columns - 1), row: Math.min(Math.max(...ys), rows - 1) };
  // Welford's way, which loses nothing where values are large and their spread is small.
  let [count, mean, squares] = [0, 0, 0];
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = first.row; row <= last.row; row += 1) {
    for (let column = first.column; column <= last.column; column += 1) {
      const value = pixels[row * columns + column] ?? Number.NaN;
      if (isMeasured(value, padding) && isInside(region, column, row)) {
        count += 1;
        const before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
        minimum = Math.min(minimum, value);
        maximum = Math.max(maximum, value);
      }
    }
  }
  return count > 0 ? { mean, standardDeviation: Math.sqrt(squares / count), minimum, maximum, count } : undefined;
}

/** The value of the pixel that a point is in; undefined outside of the picture and on padding. */
export function valueAt({ pixels, columns, rows, padding }: PictureValues, [x, y]: PicturePoint): number | undefined {
  const [column, row] = [Math.round(x), Math.round(y)];
  const value = pixels[row * columns + column];
  return column >= 0 && row >= 0 && column < columns && row < rows && value !== undefined && isMeasured(value, padding)
    ? value
    : undefined;
}
