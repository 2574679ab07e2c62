/** The list of keys and mouse buttons. */
import { CircleHelp } from 'lucide-react';
import type { ActTool } from './types';

export const help: ActTool = {
  kind: 'act',
  id: 'help',
  label: 'help',
  group: 'show',
  icon: CircleHelp,
  keys: ['?'],
  run: ({ showHelp }) => showHelp(),
};
