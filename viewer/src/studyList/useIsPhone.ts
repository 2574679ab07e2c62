/** Whether the window is as narrow as a phone held upright. */
import { useSyncExternalStore } from 'react';

const narrow = '(max-width: 640px)';

function subscribe(onChange: () => void): () => void {
  const list = window.matchMedia(narrow);
  list.addEventListener('change', onChange);
  return () => list.removeEventListener('change', onChange);
}

export function useIsPhone(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(narrow).matches);
}
