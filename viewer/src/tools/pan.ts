/** Moving the picture by dragging. */
import { Move } from 'lucide-react';
import type { DragTool } from './types';

export const pan: DragTool = {
  kind: 'drag',
  id: 'pan',
  label: 'pan',
  group: 'drag',
  icon: Move,
  keys: ['p'],
  cursor: 'grab',
  drag: (view, { dx, dy }) => view.panBy(dx, dy),
};
