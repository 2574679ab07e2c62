/** Planes through the series and a view of it in space, or the layout again. */
import { Box } from 'lucide-react';
import type { ActTool } from './types';

export const volume: ActTool = {
  kind: 'act',
  id: 'volume',
  label: 'volume',
  group: 'layout',
  icon: Box,
  keys: ['m'],
  run: ({ toggleVolume }) => toggleVolume(),
  isOn: (_, reading) => reading.volume !== undefined,
  isEnabled: ({ series }, reading) => series !== undefined || reading.volume !== undefined,
  obstacle: (_, { rendering }) => (rendering === 'cpu' ? 'noGraphicsCard' : undefined),
};
