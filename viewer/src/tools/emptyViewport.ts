/** Nothing in the active viewport. */
import type { ActTool } from './types';

export const emptyViewport: ActTool = {
  kind: 'act',
  id: 'emptyViewport',
  label: 'emptyViewport',
  group: 'move',
  keys: ['Delete'],
  run: (context) => context.emptyViewport(),
};
