/** The series before this one. */
import type { ActTool } from './types';

export const previousSeries: ActTool = {
  kind: 'act',
  id: 'previousSeries',
  label: 'previousSeries',
  group: 'move',
  keys: ['PageUp'],
  run: (context) => context.previousSeries(),
};
