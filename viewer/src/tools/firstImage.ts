/** To the first frame. */
import type { ActTool } from './types';

export const firstImage: ActTool = {
  kind: 'act',
  id: 'firstImage',
  label: 'firstImage',
  group: 'move',
  keys: ['Home'],
  run: ({ view }) => view.showFrame(0),
};
