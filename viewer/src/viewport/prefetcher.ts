/** Fetches the frames around those on the screen, a few at a time, until they are here or memory has had enough. */
import { prefetchPlan, type StackPosition } from '../imaging/prefetchOrder';

export interface PrefetchSource extends StackPosition {
  /** Whether a frame needs no fetching: it is here, under way or failed. */
  isSettled(index: number): boolean;
  fetch(index: number): Promise<unknown>;
  /** The frame is still wanted: others leave memory before it. */
  keep(index: number): void;
}

/** More at once would starve the frame that the reader waits for on one HTTP/2 connection. */
const mostAtOnce = 4;

export class Prefetcher {
  readonly #budgetBytes: number;
  #sources: readonly PrefetchSource[] = [];
  #underWay = 0;

  /** `budgetBytes` is what all frames together may take. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Goes on with these stacks where they are now, the most important first. None: it rests. */
  serve(sources: readonly PrefetchSource[]): void {
    this.#sources = sources;
    this.#fill();
  }

  #next(): { readonly stack: PrefetchSource; readonly index: number } | undefined {
    for (const source of this.#sources) {
      source.keep(source.current);
    }
    for (const wanted of prefetchPlan(this.#sources, this.#budgetBytes)) {
      if (!wanted.stack.isSettled(wanted.index)) {
        return wanted;
      }
      wanted.stack.keep(wanted.index);
    }
    return undefined;
  }

  #fill(): void {
    while (!document.hidden && this.#underWay < mostAtOnce) {
      const next = this.#next();
      if (!next) {
        return;
      }
      this.#underWay += 1;
      // Whether it succeeded is the source's to record; here it only frees a place.
      void next.stack
        .fetch(next.index)
        .catch(() => undefined)
        .finally(() => {
          this.#underWay -= 1;
          this.#fill();
        });
    }
  }
}
