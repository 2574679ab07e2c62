/** Fetches the frames around the one on the screen, a few at a time, until the stack is here or memory has had enough. */
import { prefetchOrder } from '../imaging/prefetchOrder';

export interface PrefetchSource {
  readonly count: number;
  /** Whether a frame needs no fetching: it is here, under way or failed. */
  isSettled(index: number): boolean;
  fetch(index: number): Promise<unknown>;
}

/** More at once would starve the frame that the reader waits for on one HTTP/2 connection. */
const mostAtOnce = 4;

export class Prefetcher {
  readonly #source: PrefetchSource;
  readonly #reach: number;
  #current = 0;
  #direction: 1 | -1 = 1;
  #underWay = 0;
  #stopped = false;

  /** `reach` is how many frames memory has room for. */
  constructor(source: PrefetchSource, reach: number) {
    this.#source = source;
    this.#reach = reach;
  }

  /** The reader is at this frame now. */
  moveTo(index: number): void {
    if (index !== this.#current) {
      this.#direction = index > this.#current ? 1 : -1;
      this.#current = index;
    }
    this.#fill();
  }

  stop(): void {
    this.#stopped = true;
  }

  #next(): number | undefined {
    return prefetchOrder(this.#current, this.#source.count, this.#direction)
      .slice(0, this.#reach)
      .find((index) => !this.#source.isSettled(index));
  }

  #fill(): void {
    while (!this.#stopped && !document.hidden && this.#underWay < mostAtOnce) {
      const index = this.#next();
      if (index === undefined) {
        return;
      }
      this.#underWay += 1;
      // Whether it succeeded is the source's to record; here it only frees a place.
      void this.#source
        .fetch(index)
        .catch(() => undefined)
        .finally(() => {
          this.#underWay -= 1;
          this.#fill();
        });
    }
  }
}
