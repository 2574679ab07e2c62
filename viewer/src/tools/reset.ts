/** Everything as it was when the series was opened. */
import { Undo2 } from 'lucide-react';
import type { ActTool } from './types';

export const reset: ActTool = {
  kind: 'act',
  id: 'reset',
  label: 'reset',
  group: 'geometry',
  icon: Undo2,
  keys: [' '],
  run: ({ view }) => view.reset(),
  isEnabled: (state) => state.shown,
};
