/** The viewport after the active one. */
import type { ActTool } from './types';

export const nextViewport: ActTool = {
  kind: 'act',
  id: 'nextViewport',
  label: 'nextViewport',
  group: 'move',
  keys: ['ArrowRight'],
  run: (context) => context.nextViewport(),
};
