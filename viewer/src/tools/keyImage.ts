/** Marks the image that is shown as a key image, or no longer. */
import { Star } from 'lucide-react';
import type { ActTool } from './types';

export const keyImage: ActTool = {
  kind: 'act',
  id: 'keyImage',
  label: 'keyImage',
  group: 'measure',
  icon: Star,
  keys: ['k'],
  run: ({ view }) => view.annotator?.toggleKeyImage(),
  isEnabled: ({ shown }, { annotations }) => shown && annotations !== undefined,
};
