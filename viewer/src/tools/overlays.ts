/** Segmentations and structure sets over the pictures that they belong to. */
import { Shapes } from 'lucide-react';
import type { ActTool } from './types';

export const overlays: ActTool = {
  kind: 'act',
  id: 'overlays',
  label: 'overlays',
  group: 'show',
  icon: Shapes,
  keys: ['*'],
  run: ({ toggleOverlays }) => toggleOverlays(),
  isOn: (_, { overlaysShown }) => overlaysShown,
};
