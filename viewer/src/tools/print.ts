/** Prints images, in place of film. */
import { Printer } from 'lucide-react';
import type { ActTool } from './types';

export const print: ActTool = {
  kind: 'act',
  id: 'print',
  label: 'print',
  group: 'out',
  needs: 'print',
  icon: Printer,
  keys: ['Ctrl+p'],
  run: ({ takeOut }) => takeOut('print'),
  isEnabled: (state) => state.shown,
};
