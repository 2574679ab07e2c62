/** Points at a place in the patient, which the other viewports of the same Frame of Reference go to and mark. */
import { Crosshair } from 'lucide-react';
import type { DragTool } from './types';

export const pointAt: DragTool = {
  kind: 'drag',
  id: 'pointAt',
  label: 'pointAt',
  group: 'drag',
  icon: Crosshair,
  keys: ['x'],
  cursor: 'crosshair',
  start: (view, at) => view.pointAt(at),
  drag: (view, { at }) => view.pointAt(at),
};
