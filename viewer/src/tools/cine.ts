/** Plays the stack as a moving picture. */
import { Play } from 'lucide-react';
import type { ActTool } from './types';

export const cine: ActTool = {
  kind: 'act',
  id: 'cine',
  label: 'cine',
  group: 'play',
  icon: Play,
  keys: ['c'],
  run: ({ view, state }) => view.setPlaying(!state.playing),
  isOn: (state) => state.playing,
  isEnabled: (state) => (state.series?.frames.length ?? 0) > 1,
};
