/** To the last frame. */
import type { ActTool } from './types';

export const lastImage: ActTool = {
  kind: 'act',
  id: 'lastImage',
  label: 'lastImage',
  group: 'move',
  keys: ['End'],
  run: ({ view, state }) => view.showFrame((state.series?.frames.length ?? 1) - 1),
};
