/** Where one picture cuts another: the line that is drawn on the other. */
import { distanceTo, type ImagePlane, type PicturePoint, toPatient, toPicture } from './imagePlane';
import { interpolate, type Vector3 } from './vector';

export type Line = readonly [PicturePoint, PicturePoint];

/** The points in which the edges of a picture go through a plane. */
function crossings(of: ImagePlane, through: ImagePlane): Vector3[] {
  const [right, bottom] = [of.columns - 0.5, of.rows - 0.5];
  const corners = (
    [
      [-0.5, -0.5],
      [right, -0.5],
      [right, bottom],
      [-0.5, bottom],
    ] as const
  ).map((corner) => toPatient(of, corner));
  return corners.flatMap((corner, at) => {
    const next = corners[(at + 1) % corners.length];
    if (!next) {
      return [];
    }
    const [before, after] = [distanceTo(through, corner), distanceTo(through, next)];
    // A corner in the plane belongs to the edge that begins there.
    return before === 0 || before * after < 0 ? [interpolate(corner, next, before / (before - after))] : [];
  });
}

/** The part of a line that is on the picture (Liang and Barsky). */
function clipped([from, to]: Line, on: ImagePlane): Line | undefined {
  const direction = [to[0] - from[0], to[1] - from[1]] as const;
  let [first, last] = [0, 1];
  for (const [axis, most] of [
    [0, on.columns - 0.5],
    [1, on.rows - 0.5],
  ] as const) {
    const step = direction[axis];
    const [low, high] = [-0.5 - from[axis], most - from[axis]];
    if (step === 0) {
      if (low > 0 || high < 0) {
        return undefined;
      }
      continue;
    }
    first = Math.max(first, Math.min(low / step, high / step));
    last = Math.min(last, Math.max(low / step, high / step));
  }
  const at = (share: number): PicturePoint => [from[0] + direction[0] * share, from[1] + direction[1] * share];
  return first < last ? [at(first), at(last)] : undefined;
}

/**
 * Where the picture `of` cuts the picture `on`, in columns and rows of the latter; undefined where it does not, where both
 * are parallel, and where nothing says how they lie to each other.
 */
export function referenceLine(of: ImagePlane, on: ImagePlane): Line | undefined {
  if (of.frameOfReferenceUid !== on.frameOfReferenceUid) {
    return undefined;
  }
  const [a, b] = crossings(of, on);
  return a && b ? clipped([toPicture(on, a), toPicture(on, b)], on) : undefined;
}
