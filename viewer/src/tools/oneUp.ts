/** The active viewport alone, or all of them again. */
import { Maximize2 } from 'lucide-react';
import type { ActTool } from './types';

export const oneUp: ActTool = {
  kind: 'act',
  id: 'oneUp',
  label: 'oneUp',
  group: 'layout',
  icon: Maximize2,
  keys: ['u'],
  run: ({ toggleOneUp }) => toggleOneUp(),
  isOn: (_, { layout }) => layout.isOneUp,
  isEnabled: (_, { layout }) => layout.rows * layout.columns > 1,
};
