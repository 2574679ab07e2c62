/** The stage of the hanging protocol after this one. */
import type { ActTool } from './types';

export const nextStage: ActTool = {
  kind: 'act',
  id: 'nextStage',
  label: 'nextStage',
  group: 'move',
  keys: ['.'],
  run: (context) => context.nextStage(),
};
