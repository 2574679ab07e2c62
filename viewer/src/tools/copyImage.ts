/** Copies the image, to be put into another program. */
import { Copy } from 'lucide-react';
import type { ActTool } from './types';

export const copyImage: ActTool = {
  kind: 'act',
  id: 'copyImage',
  label: 'copyImage',
  group: 'out',
  needs: 'export',
  icon: Copy,
  keys: ['Ctrl+c'],
  run: ({ takeOut }) => takeOut('copy'),
  isEnabled: (state) => state.shown,
};
