/** The lines in which the active viewport cuts the others, on or off. */
import { SeparatorHorizontal } from 'lucide-react';
import type { ActTool } from './types';

export const referenceLines: ActTool = {
  kind: 'act',
  id: 'referenceLines',
  label: 'referenceLines',
  group: 'layout',
  icon: SeparatorHorizontal,
  keys: ['g'],
  run: ({ toggleReferenceLines }) => toggleReferenceLines(),
  isOn: (_, { referenceLinesShown }) => referenceLinesShown,
};
