/** The viewport before the active one. */
import type { ActTool } from './types';

export const previousViewport: ActTool = {
  kind: 'act',
  id: 'previousViewport',
  label: 'previousViewport',
  group: 'move',
  keys: ['ArrowLeft'],
  run: (context) => context.previousViewport(),
};
