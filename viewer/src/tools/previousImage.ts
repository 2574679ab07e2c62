/** One frame back. */
import type { ActTool } from './types';

export const previousImage: ActTool = {
  kind: 'act',
  id: 'previousImage',
  label: 'previousImage',
  group: 'move',
  keys: ['ArrowUp'],
  run: ({ view }) => view.scrollBy(-1),
};
