/** A loupe under the pointer, for as long as it is held down. */
import { Search } from 'lucide-react';
import type { DragTool } from './types';

export const magnifier: DragTool = {
  kind: 'drag',
  id: 'magnifier',
  label: 'magnifier',
  group: 'drag',
  icon: Search,
  keys: ['q'],
  cursor: 'zoom-in',
  // Drawn by the processor its surface stays black.
  obstacle: (_, { rendering }) => (rendering === 'gpu' ? undefined : 'noGraphicsCard'),
  start: (view, at) => view.magnify(at),
  drag: (view, { at }) => view.magnify(at),
  end: (view) => view.magnify(undefined),
};
