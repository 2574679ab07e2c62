/** A quarter turn to the right. */
import { RotateCw } from 'lucide-react';
import type { ActTool } from './types';

export const rotateRight: ActTool = {
  kind: 'act',
  id: 'rotateRight',
  label: 'rotateRight',
  group: 'geometry',
  icon: RotateCw,
  keys: [']', 'r'],
  run: ({ view }) => view.rotate(90),
  isEnabled: (state) => state.shown,
};
