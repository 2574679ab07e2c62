/** Viewports go together, in what the menu beside says. */
import { Link2 } from 'lucide-react';
import type { ActTool } from './types';

export const link: ActTool = {
  kind: 'act',
  id: 'link',
  label: 'link',
  group: 'layout',
  icon: Link2,
  keys: ['l'],
  run: ({ toggleLinks }) => toggleLinks(),
  isOn: (_, { links }) => links.isOn,
};
