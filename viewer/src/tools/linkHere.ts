/** Viewports go together from the places they show now, as those of two examinations that have no Frame of Reference in common. */
import { Anchor } from 'lucide-react';
import type { ActTool } from './types';

export const linkHere: ActTool = {
  kind: 'act',
  id: 'linkHere',
  label: 'linkHere',
  group: 'layout',
  icon: Anchor,
  keys: ['Alt+l'],
  run: (context) => context.linkHere(),
  isOn: (_, { links }) => links.isOn && Object.keys(links.anchors).length > 0,
  isEnabled: (_, { layout }) => layout.rows * layout.columns > 1,
};
