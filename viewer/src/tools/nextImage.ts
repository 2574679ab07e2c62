/** One frame on. */
import type { ActTool } from './types';

export const nextImage: ActTool = {
  kind: 'act',
  id: 'nextImage',
  label: 'nextImage',
  group: 'move',
  keys: ['ArrowDown'],
  run: ({ view }) => view.scrollBy(1),
};
