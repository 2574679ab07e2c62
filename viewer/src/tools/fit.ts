/** The whole picture as large as the area allows, turned as it is. */
import { Fullscreen } from 'lucide-react';
import type { ActTool } from './types';

export const fit: ActTool = {
  kind: 'act',
  id: 'fit',
  label: 'fit',
  group: 'geometry',
  icon: Fullscreen,
  keys: ['='],
  run: ({ view }) => view.fit(),
  isEnabled: (state) => state.shown,
};
