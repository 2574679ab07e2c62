import type { Dragging } from './types';

/** The same with what the finger covers shown beside it. */
export function underLoupe(dragging: Dragging): Dragging {
  return {
    start: (view, at) => {
      dragging.start?.(view, at);
      view.magnify(at, true);
    },
    drag: (view, move) => {
      dragging.drag(view, move);
      view.magnify(move.at, true);
    },
    end: (view, isDone, at) => {
      dragging.end?.(view, isDone, at);
      view.magnify(undefined);
    },
  };
}
