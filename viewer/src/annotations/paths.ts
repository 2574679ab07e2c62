/** The lines of annotations as SVG paths, on the screen and on pictures that are taken out. */
import type { PicturePoint } from '../imaging/imagePlane';
import type { ScreenPoint } from '../imaging/placement';
import type { Shape } from './kinds';
import type { ToScreen } from './labelPlace';

function pathOf(points: readonly ScreenPoint[], isClosed: boolean): string {
  return points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('') + (isClosed ? 'Z' : '');
}

/** The ellipse between two corners of the picture, which may be turned and flipped on the screen. */
function ellipsePath([corner, opposite]: readonly PicturePoint[], toScreen: ToScreen): string {
  if (!corner || !opposite) {
    return '';
  }
  const [cx, cy] = [(corner[0] + opposite[0]) / 2, (corner[1] + opposite[1]) / 2];
  const [rx, ry] = [(opposite[0] - corner[0]) / 2, (opposite[1] - corner[1]) / 2];
  const pieces = 72;
  const points = Array.from({ length: pieces }, (_, at) => {
    const angle = (2 * Math.PI * at) / pieces;
    return toScreen([cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)]);
  });
  return pathOf(points, true);
}

/** The head of an arrow whose tip is its first point. */
function arrowPath([tip, tail]: readonly ScreenPoint[], unit: number): string {
  if (!tip || !tail) {
    return '';
  }
  const angle = Math.atan2(tail[1] - tip[1], tail[0] - tip[0]);
  const side = (turn: number): ScreenPoint => [
    tip[0] + 13 * unit * Math.cos(angle + turn),
    tip[1] + 13 * unit * Math.sin(angle + turn),
  ];
  return `${pathOf([tip, tail], false)}${pathOf([side(0.4), tip, side(-0.4)], false)}`;
}

/** As the `d` of an SVG path; `unit` is how many pixels of the picture one of the screen is. */
export function shapePath(shape: Shape, toScreen: ToScreen, unit = 1): string {
  const points = shape.points.map(toScreen);
  switch (shape.kind) {
    case 'ellipse':
      return ellipsePath(shape.points, toScreen);
    case 'arrow':
      return arrowPath(points, unit);
    case 'point': {
      const [[x, y] = [0, 0]] = points;
      const arm = 6 * unit;
      return `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`;
    }
    default:
      return pathOf(points, shape.kind === 'closed');
  }
}
