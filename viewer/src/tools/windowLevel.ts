/** Window by dragging: sideways for contrast (width), up and down for brightness (centre). */
import { Contrast } from 'lucide-react';
import type { DragTool } from './types';

export const windowLevel: DragTool = {
  kind: 'drag',
  id: 'window',
  label: 'window',
  group: 'drag',
  icon: Contrast,
  keys: ['w'],
  cursor: 'crosshair',
  drag: (view, { dx, dy }) => view.dragWindow(dx, dy),
};
