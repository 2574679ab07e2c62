/** Goes on by itself after the connection was lost: frames that did not come are asked for again once it may be back. */
import type { Reading } from './readingState';
import { FrameState, type ViewState } from './viewState';

/** A line may come back without the browser being told. */
const retryMs = 3_000;

/** Until the answered function is called. */
export function goOnWhenConnected({ cells }: Reading): () => void {
  let timer: number | undefined;
  const retry = () => {
    window.clearTimeout(timer);
    timer = undefined;
    for (const { store, screen } of cells) {
      const { failure, frameStates } = store.getState();
      // What is on the screen may be here, and what was to come after it not.
      if (failure ? failure.kind === 'network' : frameStates.includes(FrameState.failed)) {
        screen?.retry();
      }
    }
  };
  const watch = ({ failure }: ViewState) => {
    if (failure?.kind === 'network') {
      timer ??= window.setTimeout(retry, retryMs);
    }
  };
  const stops = cells.map(({ store }) => store.subscribe(watch));
  window.addEventListener('online', retry);
  return () => {
    window.clearTimeout(timer);
    window.removeEventListener('online', retry);
    for (const stop of stops) {
      stop();
    }
  };
}
