/** One image pixel on one screen pixel. */
import { Grid2x2 } from 'lucide-react';
import type { ActTool } from './types';

export const actualPixels: ActTool = {
  kind: 'act',
  id: 'actualPixels',
  label: 'actualPixels',
  group: 'geometry',
  icon: Grid2x2,
  keys: [],
  run: ({ view }) => view.actualPixels(),
  isEnabled: (state) => state.shown,
};
