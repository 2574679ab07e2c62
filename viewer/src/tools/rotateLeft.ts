/** A quarter turn to the left. */
import { RotateCcw } from 'lucide-react';
import type { ActTool } from './types';

export const rotateLeft: ActTool = {
  kind: 'act',
  id: 'rotateLeft',
  label: 'rotateLeft',
  group: 'geometry',
  icon: RotateCcw,
  keys: ['['],
  run: ({ view }) => view.rotate(-90),
  isEnabled: (state) => state.shown,
};
