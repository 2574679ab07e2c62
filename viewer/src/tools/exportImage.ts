/** Saves the image as a file. */
import { ImageDown } from 'lucide-react';
import type { ActTool } from './types';

export const exportImage: ActTool = {
  kind: 'act',
  id: 'exportImage',
  label: 'exportImage',
  group: 'out',
  needs: 'export',
  icon: ImageDown,
  keys: ['Ctrl+s'],
  run: ({ takeOut }) => takeOut('export'),
  isEnabled: (state) => state.shown,
};
