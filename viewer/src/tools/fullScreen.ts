/** The page over the whole screen. */
import { Expand } from 'lucide-react';
import type { ActTool } from './types';

export const fullScreen: ActTool = {
  kind: 'act',
  id: 'fullScreen',
  label: 'fullScreen',
  group: 'show',
  icon: Expand,
  keys: ['f'],
  run: ({ toggleFullScreen }) => toggleFullScreen(),
};
