/** What of the page matters to tools, for components that show what tools do. */
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { ReadingState, ReadingStore } from './readingState';

/** What is pointed at is left out: it changes with every movement of the hand. */
export function usePage(reading: ReadingStore): ReadingState {
  return useStore(
    reading,
    useShallow((state) => ({ ...state, pointed: undefined })),
  );
}
