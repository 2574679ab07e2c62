/** The series after this one. */
import type { ActTool } from './types';

export const nextSeries: ActTool = {
  kind: 'act',
  id: 'nextSeries',
  label: 'nextSeries',
  group: 'move',
  keys: ['PageDown'],
  run: (context) => context.nextSeries(),
};
