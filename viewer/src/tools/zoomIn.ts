/** Larger, by key. */
import type { ActTool } from './types';

export const zoomIn: ActTool = {
  kind: 'act',
  id: 'zoomIn',
  label: 'zoomIn',
  group: 'move',
  keys: ['+'],
  run: ({ view }) => view.zoomBy(1.25),
};
