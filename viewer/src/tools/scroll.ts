/** Leafing through the stack by dragging: the whole stack over about one height of the picture. */
import { Layers } from 'lucide-react';
import type { DragTool } from './types';

let restPixels = 0;

export const scroll: DragTool = {
  kind: 'drag',
  id: 'scroll',
  label: 'scroll',
  group: 'drag',
  icon: Layers,
  keys: ['s'],
  cursor: 'ns-resize',
  start: () => {
    restPixels = 0;
  },
  drag: (view, { dy, frameCount, height }) => {
    const pixelsPerFrame = Math.max(4, Math.min(24, height / Math.max(frameCount, 1)));
    restPixels += dy;
    const steps = Math.trunc(restPixels / pixelsPerFrame);
    if (steps !== 0) {
      restPixels -= steps * pixelsPerFrame;
      view.scrollBy(steps);
    }
  },
};
