/** Plays a stack at its rate. A frame that is not here yet holds the picture rather than showing a gap. */
import { advance } from '../imaging/cine';

export interface CineSource {
  position(): { readonly index: number; readonly count: number };
  rate(): number;
  isReady(index: number): boolean;
  show(index: number): void;
}

export class CinePlayer {
  readonly #source: CineSource;
  #request: number | undefined;
  #last = 0;
  #carriedMs = 0;

  constructor(source: CineSource) {
    this.#source = source;
  }

  start(): void {
    if (this.#request === undefined) {
      this.#last = performance.now();
      this.#carriedMs = 0;
      this.#request = requestAnimationFrame(this.#tick);
    }
  }

  stop(): void {
    if (this.#request !== undefined) {
      cancelAnimationFrame(this.#request);
      this.#request = undefined;
    }
  }

  readonly #tick = (now: number) => {
    this.#request = requestAnimationFrame(this.#tick);
    const { index, count } = this.#source.position();
    const { index: next, restMs } = advance(index, count, this.#carriedMs + now - this.#last, this.#source.rate());
    this.#last = now;
    this.#carriedMs = restMs;
    if (next === index) {
      return;
    }
    if (this.#source.isReady(next)) {
      this.#source.show(next);
    } else {
      // Frames come in order: wait at the next one rather than jumping over those that are missing.
      const following = (index + 1) % count;
      if (this.#source.isReady(following)) {
        this.#source.show(following);
      }
    }
  };
}
