/**
 * The one rendering engine of a study page with all of its viewports. Here is decided what they share: the engine and its
 * WebGL contexts, the memory for decoded frames, and whose frames are fetched first.
 */
import { cache, Enums, eventTarget, RenderingEngine, setUseCPURendering } from '@cornerstonejs/core';
import { Darkroom, type Negative } from './darkroom';
import { startEngine } from './engine';
import { Loupe } from './loupe';
import { Prefetcher } from './prefetcher';
import type { ReadingStore } from './readingState';
import { StackView } from './stackView';
import { Surface } from './surface';
import type { ViewStore } from './viewState';

/** Of the memory for decoded frames; the rest is for those that are passed by. */
const prefetchedShare = 0.7;

let engines = 0;

function newEngine(): RenderingEngine {
  engines += 1;
  return new RenderingEngine(`engine-${engines}`);
}

export class Stage {
  readonly #reading: ReadingStore;
  readonly #views = new Map<ViewStore, StackView>();
  readonly #prefetcher: Prefetcher;
  readonly #sizes: ResizeObserver;
  #engine: RenderingEngine;
  #cpu: boolean;
  #loupe: Loupe | undefined;
  #darkroom: Darkroom | undefined;
  /** Those in sight, the active one first. */
  #order: readonly ViewStore[] = [];

  constructor(reading: ReadingStore) {
    this.#reading = reading;
    this.#cpu = startEngine().cpu;
    this.#engine = newEngine();
    this.#prefetcher = new Prefetcher(cache.getMaxCacheSize() * prefetchedShare);
    this.#sizes = new ResizeObserver(() => this.#resize());
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    reading.setState({ rendering: this.#cpu ? 'cpu' : 'gpu' });
  }

  /** A viewport in this element. It may be hidden for a while, but stays until it is destroyed. */
  add(element: HTMLDivElement, store: ViewStore): StackView {
    const stage = this;
    const view = new StackView(
      {
        get cpu() {
          return stage.#cpu;
        },
        newSurface: (onChange) => new Surface(stage.#engine, element, stage.#cpu, onChange),
        magnify: (magnified) => stage.#magnify(magnified),
        develop: (negative) => stage.#develop(negative),
        moved: () => stage.#prefetch(),
        left: () => {
          stage.#views.delete(store);
          stage.#sizes.unobserve(element);
          stage.#prefetch();
        },
      },
      store,
    );
    this.#views.set(store, view);
    this.#sizes.observe(element);
    return view;
  }

  /** The viewports of these stores are in sight, the most important first: others rest. */
  serve(order: readonly ViewStore[]): void {
    this.#order = order;
    for (const [store, view] of this.#views) {
      view.setInSight(order.includes(store));
    }
    this.#prefetch();
  }

  #magnify(magnified: Parameters<Loupe['show']>[0] | undefined): void {
    if (magnified && !this.#cpu) {
      this.#loupe ??= new Loupe((element) => new Surface(this.#engine, element, this.#cpu, () => undefined));
      this.#loupe.show(magnified).catch(() => this.#loupe?.hide());
    } else {
      this.#loupe?.hide();
    }
  }

  #develop(negative: Negative): Promise<HTMLCanvasElement> {
    this.#darkroom ??= new Darkroom((element) => new Surface(this.#engine, element, this.#cpu, () => undefined));
    return this.#darkroom.develop(negative);
  }

  #prefetch(): void {
    this.#prefetcher.serve(this.#order.flatMap((store) => this.#views.get(store)?.frames ?? []));
  }

  #resize(): void {
    this.#engine.resize(true, true);
    for (const view of this.#views.values()) {
      view.refit();
    }
  }

  readonly #onContextLost = (event: Event) => {
    const { renderingEngineId } = (event as CustomEvent<{ renderingEngineId: string }>).detail;
    // Engines that are done with lose theirs, too.
    if (renderingEngineId !== this.#engine.id || this.#cpu) {
      return;
    }
    this.#cpu = true;
    setUseCPURendering(true, false);
    this.#loupe?.destroy();
    this.#loupe = undefined;
    this.#darkroom?.destroy();
    this.#darkroom = undefined;
    const lost = this.#engine;
    this.#engine = newEngine();
    cache.purgeCache();
    this.#reading.setState({ rendering: 'cpu', contextLost: true });
    for (const view of this.#views.values()) {
      view.drawByProcessor();
    }
    lost.destroy();
  };

  destroy(): void {
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    this.#sizes.disconnect();
    for (const view of [...this.#views.values()]) {
      view.destroy();
    }
    this.#loupe?.destroy();
    this.#darkroom?.destroy();
    this.#engine.destroy();
  }
}
