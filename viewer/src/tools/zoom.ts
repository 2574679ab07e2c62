/** Zoom by dragging up (larger) and down (smaller). */
import { ZoomIn } from 'lucide-react';
import type { DragTool } from './types';

export const zoom: DragTool = {
  kind: 'drag',
  id: 'zoom',
  label: 'zoom',
  group: 'drag',
  icon: ZoomIn,
  keys: ['z'],
  cursor: 'zoom-in',
  drag: (view, { dy }) => view.zoomBy(Math.exp(-dy / 150)),
};
