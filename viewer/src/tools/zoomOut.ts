/** Smaller, by key. */
import type { ActTool } from './types';

export const zoomOut: ActTool = {
  kind: 'act',
  id: 'zoomOut',
  label: 'zoomOut',
  group: 'move',
  keys: ['-'],
  run: ({ view }) => view.zoomBy(0.8),
};
