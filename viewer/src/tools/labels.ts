/** The texts over the picture, on or off. */
import { Type } from 'lucide-react';
import type { ActTool } from './types';

export const labels: ActTool = {
  kind: 'act',
  id: 'labels',
  label: 'labels',
  group: 'show',
  icon: Type,
  keys: ['o'],
  run: ({ toggleLabels }) => toggleLabels(),
  isOn: (_, { labelsShown }) => labelsShown,
};
