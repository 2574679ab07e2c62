/** Black for white and white for black. */
import { SunMoon } from 'lucide-react';
import type { ActTool } from './types';

export const invert: ActTool = {
  kind: 'act',
  id: 'invert',
  label: 'invert',
  group: 'window',
  icon: SunMoon,
  keys: ['i'],
  run: ({ view }) => view.invert(),
  isOn: (state) => state.inverted,
  isEnabled: (state) => state.shown,
};
