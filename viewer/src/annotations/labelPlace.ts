/** Where the text of an annotation stands. */
import type { PicturePoint } from '../imaging/imagePlane';
import type { ScreenPoint } from '../imaging/placement';
import type { Annotation } from './model';

export type ToScreen = (point: PicturePoint) => ScreenPoint;

/** Beside the point that is furthest to the right, unless the reader put it elsewhere. */
export function labelPlace({ points, labelAt }: Annotation, toScreen: ToScreen, unit = 1): ScreenPoint {
  if (labelAt) {
    return toScreen(labelAt);
  }
  const onScreen = points.map(toScreen);
  const [x, y] = onScreen.reduce((most, point) => (point[0] > most[0] ? point : most), onScreen[0] ?? [0, 0]);
  return [x + 10 * unit, y + 4 * unit];
}
