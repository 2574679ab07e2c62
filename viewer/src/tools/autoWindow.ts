/** The window that the values of the frame suggest, whatever its header says. */
import { WandSparkles } from 'lucide-react';
import { colourObstacle } from './colourObstacle';
import type { ActTool } from './types';

export const autoWindow: ActTool = {
  kind: 'act',
  id: 'autoWindow',
  label: 'autoWindow',
  group: 'window',
  icon: WandSparkles,
  keys: ['t'],
  run: ({ view }) => view.showAutomaticWindow(),
  isEnabled: ({ shown }) => shown,
  obstacle: colourObstacle,
};
