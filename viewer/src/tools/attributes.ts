/** All attributes of the instance that is shown. */
import { Tags } from 'lucide-react';
import type { ActTool } from './types';

export const attributes: ActTool = {
  kind: 'act',
  id: 'attributes',
  label: 'attributes',
  group: 'show',
  icon: Tags,
  keys: ['#'],
  isEnabled: (_, { layout }) => layout.cells[layout.active] !== undefined,
  run: ({ showAttributes }) => showAttributes(),
};
