/** Top for bottom. */
import { FlipVertical2 } from 'lucide-react';
import type { ActTool } from './types';

export const flipVertical: ActTool = {
  kind: 'act',
  id: 'flipVertical',
  label: 'flipVertical',
  group: 'geometry',
  icon: FlipVertical2,
  keys: ['v'],
  run: ({ view }) => view.flip('vertical'),
  isEnabled: (state) => state.shown,
};
