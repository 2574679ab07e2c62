/** Window by region: from the values in the rectangle that is drawn. */
import { SquareDashed } from 'lucide-react';
import type { ScreenPoint, ScreenRegion } from '../imaging/placement';
import { colourObstacle } from './colourObstacle';
import type { DragTool } from './types';

/** Less is a click, and no rectangle. */
const leastPixels = 4;

let corner: ScreenPoint = [0, 0];
let region: ScreenRegion | undefined;

function isDrawn({ from, to }: ScreenRegion): boolean {
  return Math.min(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])) >= leastPixels;
}

export const regionWindow: DragTool = {
  kind: 'drag',
  id: 'regionWindow',
  label: 'regionWindow',
  group: 'drag',
  icon: SquareDashed,
  keys: ['y'],
  cursor: 'crosshair',
  obstacle: colourObstacle,
  start: (_, at) => {
    corner = at;
    region = undefined;
  },
  drag: (view, { at }) => {
    region = { from: corner, to: at };
    view.outline(region);
  },
  end: (view, isDone) => {
    view.outline(undefined);
    if (isDone && region && isDrawn(region)) {
      view.windowBy(region);
    }
  },
};
