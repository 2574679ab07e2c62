/** The stage of the hanging protocol before this one. */
import type { ActTool } from './types';

export const previousStage: ActTool = {
  kind: 'act',
  id: 'previousStage',
  label: 'previousStage',
  group: 'move',
  keys: [','],
  run: (context) => context.previousStage(),
};
