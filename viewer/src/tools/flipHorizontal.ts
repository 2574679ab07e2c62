/** Left for right. */
import { FlipHorizontal2 } from 'lucide-react';
import type { ActTool } from './types';

export const flipHorizontal: ActTool = {
  kind: 'act',
  id: 'flipHorizontal',
  label: 'flipHorizontal',
  group: 'geometry',
  icon: FlipHorizontal2,
  keys: ['h'],
  run: ({ view }) => view.flip('horizontal'),
  isEnabled: (state) => state.shown,
};
