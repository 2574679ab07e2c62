/** What holds for all viewports of the study page together, and the viewports themselves; outside React as they are. */
import { createStore } from 'zustand/vanilla';
import { type Layout, largestGrid, singleViewport } from './layout';
import { createViewStore, type ImageView, type ViewStore } from './viewState';

/** How pictures are drawn. */
export type Rendering = 'starting' | 'gpu' | 'cpu' | 'failed';

export interface ReadingState {
  readonly layout: Layout;
  readonly rendering: Rendering;
  /** The graphics card gave up and drawing went on without it. */
  readonly contextLost: boolean;
  readonly toolId: string;
  readonly labelsShown: boolean;
}

/** One place of the grid: its state, and what tools can do to its picture once the engine is there. */
export interface Cell {
  readonly store: ViewStore;
  view: ImageView | undefined;
}

export type ReadingStore = ReturnType<typeof createReadingStore>;

function createReadingStore(layout: Layout) {
  return createStore<ReadingState>()(() => ({
    layout,
    rendering: 'starting',
    contextLost: false,
    toolId: 'window',
    labelsShown: true,
  }));
}

/** All there is to a study page that is being read. */
export interface Reading {
  readonly store: ReadingStore;
  readonly cells: readonly Cell[];
  arrange(change: (layout: Layout) => Layout): void;
}

export function createReading(layout: Layout = singleViewport): Reading {
  const store = createReadingStore(layout);
  return {
    store,
    cells: Array.from({ length: largestGrid.rows * largestGrid.columns }, () => ({
      store: createViewStore(),
      view: undefined,
    })),
    arrange: (change) => store.setState((state) => ({ layout: change(state.layout) })),
  };
}
