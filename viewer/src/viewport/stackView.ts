/**
 * The picture: which frame of the open series is on the screen, in which window. Frames are fetched before the surface
 * is told to show them, so that a failed one is ours to explain and never leaves the last good picture under a wrong
 * label.
 */
import { Enums, eventTarget, setUseCPURendering, type Types } from '@cornerstonejs/core';
import type { DataSet } from '../dicomweb/dataSet';
import { clampFrameRate, defaultFrameRate } from '../imaging/cine';
import { edgeLetters } from '../imaging/orientation';
import { draggedWindow, type VoiWindow, windowOf } from '../imaging/window';
import { CinePlayer } from './cinePlayer';
import { startEngine } from './engine';
import { failureOf, windowOfImage } from './frameLoader';
import { FrameStack } from './frameStack';
import { Surface } from './surface';
import { FrameState, type ImageView, type OpenSeries, type ViewStore } from './viewState';

/** Waiting this long before asking for a frame that is passed by spares requests while the wheel turns. */
const settleMs = 40;

export class StackView implements ImageView {
  readonly #element: HTMLDivElement;
  readonly #store: ViewStore;
  readonly #cine: CinePlayer;
  readonly #resize: ResizeObserver;
  readonly #onContextLost = () => this.#continueWithoutGraphicsCard();
  #surface: Surface;
  /** Another one with every series: what belongs to an earlier one is dropped when it arrives. */
  #stack: FrameStack | undefined;
  #settleTimer: number | undefined;
  /** The window the reader chose; undefined while each image has its own. */
  #chosenWindow: VoiWindow | undefined;
  #cpu: boolean;

  constructor(element: HTMLDivElement, store: ViewStore) {
    this.#element = element;
    this.#store = store;
    this.#cpu = startEngine().cpu;
    this.#surface = new Surface(element, this.#cpu, this.#onViewChanged);
    this.#cine = new CinePlayer({
      position: () => ({ index: store.getState().index, count: this.#count }),
      rate: () => store.getState().frameRate,
      isReady: (index) => store.getState().frameStates[index] !== FrameState.absent,
      show: (index) => this.showFrame(index),
    });
    this.#resize = new ResizeObserver(() => this.#surface.resize());
    this.#resize.observe(element);
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    store.setState({ rendering: this.#cpu ? 'cpu' : 'gpu' });
  }

  get #count(): number {
    return this.#stack?.imageIds.length ?? 0;
  }

  open(series: OpenSeries, metadata: readonly DataSet[]): void {
    this.#stack?.close();
    this.#cine.stop();
    this.#surface.leaveStack();
    this.#chosenWindow = undefined;
    this.#store.setState({
      series,
      index: 0,
      shown: false,
      everShown: false,
      failure: undefined,
      window: undefined,
      inverted: false,
      zoomPercent: undefined,
      letters: undefined,
      mmPerPixel: undefined,
      playing: false,
      frameRate: series.frameRate ?? defaultFrameRate,
    });
    this.#stack = new FrameStack(this.#store, series, metadata, this.#cpu);
    this.showFrame(0);
    if (series.frameRate !== undefined && series.modality === 'US') {
      this.setPlaying(true);
    }
  }

  showFrame(wanted: number): void {
    const stack = this.#stack;
    const last = this.#count - 1;
    if (!stack || last < 0) {
      return;
    }
    const index = Math.min(Math.max(Math.round(wanted), 0), last);
    const state = this.#store.getState();
    if (index === state.index && state.shown) {
      return;
    }
    window.clearTimeout(this.#settleTimer);
    this.#store.setState({ index, shown: false, failure: undefined });
    if (stack.isHere(index) || !this.#surface.hasStack) {
      void this.#load(stack, index);
    } else {
      this.#settleTimer = window.setTimeout(() => void this.#load(stack, index), settleMs);
    }
  }

  #isCurrent(stack: FrameStack, index: number): boolean {
    return stack === this.#stack && this.#store.getState().index === index;
  }

  async #load(stack: FrameStack, index: number): Promise<void> {
    try {
      const image = await stack.fetch(index);
      if (this.#isCurrent(stack, index)) {
        await this.#display(stack, index, image);
      }
    } catch (error) {
      if (this.#isCurrent(stack, index)) {
        this.#store.setState({ failure: failureOf(error), shown: false });
      }
    }
    if (stack === this.#stack) {
      stack.fetchAround(this.#store.getState().index);
    }
  }

  async #display(stack: FrameStack, index: number, image: Types.IImage): Promise<void> {
    if (this.#surface.hasStack) {
      await this.#surface.setFrame(index);
    } else {
      await this.#surface.setStack(stack.imageIds, index);
      if (stack !== this.#stack) {
        return;
      }
      // MONOCHROME1 is drawn inverted (PS3.3 C.7.6.3.1.2).
      this.#surface.straighten(image.invert === true);
    }
    if (!this.#isCurrent(stack, index)) {
      return;
    }
    this.#applyWindow(this.#chosenWindow ?? this.#ownWindow(index, image));
    this.#store.setState({ shown: true, everShown: true, failure: undefined, inverted: this.#isInverted(image) });
  }

  /** MONOCHROME1 is drawn inverted from the start; the reader's own inversion counts against that. */
  #isInverted(image: Types.IImage): boolean {
    return this.#surface.isInverted !== (image.invert === true);
  }

  /** The window an image names, or else the one that its pixels suggest. */
  #ownWindow(index: number, image: Types.IImage | undefined): VoiWindow | undefined {
    return this.#store.getState().series?.frames[index]?.windows[0] ?? (image && windowOfImage(image));
  }

  #applyWindow(window: VoiWindow | undefined): void {
    if (window) {
      this.#surface.setWindow(window);
      this.#store.setState({ window });
    }
  }

  scrollBy(steps: number): void {
    this.showFrame(this.#store.getState().index + steps);
  }

  retry(): void {
    if (this.#stack) {
      this.#stack.forgetFailures();
      this.#store.setState({ failure: undefined, shown: false });
      void this.#load(this.#stack, this.#store.getState().index);
    }
  }

  get #image(): Types.IImage | undefined {
    return this.#stack?.image(this.#store.getState().index);
  }

  setWindow(window: VoiWindow): void {
    if (this.#store.getState().shown) {
      this.#chosenWindow = window;
      this.#applyWindow(window);
    }
  }

  dragWindow(dx: number, dy: number): void {
    const { window: present } = this.#store.getState();
    if (present) {
      this.setWindow(draggedWindow(present, dx, dy));
    }
  }

  showImageWindow(): void {
    this.#chosenWindow = undefined;
    this.#applyWindow(this.#ownWindow(this.#store.getState().index, this.#image));
  }

  showFullRange(): void {
    const image = this.#image;
    if (image) {
      this.setWindow(windowOf({ lower: image.minPixelValue, upper: image.maxPixelValue }));
    }
  }

  /** Does something to the surface if it shows what the labels say. */
  #whenShown(act: (surface: Surface) => void): void {
    if (this.#store.getState().shown) {
      act(this.#surface);
    }
  }

  invert(): void {
    this.#whenShown((surface) => {
      surface.invert();
      const image = this.#image;
      this.#store.setState({ inverted: image ? this.#isInverted(image) : surface.isInverted });
    });
  }

  zoomBy(factor: number, at?: readonly [number, number]): void {
    this.#whenShown((surface) => surface.zoomBy(factor, at));
  }

  panBy(dx: number, dy: number): void {
    this.#whenShown((surface) => surface.panBy(dx, dy));
  }

  fit(): void {
    this.#whenShown((surface) => surface.fit());
  }

  actualPixels(): void {
    const { zoomPercent } = this.#store.getState();
    if (zoomPercent) {
      this.zoomBy(100 / zoomPercent);
    }
  }

  rotate(degrees: 90 | -90): void {
    this.#whenShown((surface) => surface.rotate(degrees));
  }

  flip(axis: 'horizontal' | 'vertical'): void {
    this.#whenShown((surface) => surface.flip(axis));
  }

  reset(): void {
    this.#whenShown((surface) => {
      surface.straighten(this.#image?.invert === true);
      this.showImageWindow();
      this.#store.setState({ inverted: false });
    });
  }

  setPlaying(playing: boolean): void {
    const canPlay = playing && this.#count > 1;
    this.#store.setState({ playing: canPlay });
    if (canPlay) {
      this.#cine.start();
    } else {
      this.#cine.stop();
    }
  }

  setFrameRate(rate: number): void {
    this.#store.setState({ frameRate: clampFrameRate(rate) });
  }

  /** Letters and scale bar follow the screen. */
  readonly #onViewChanged = () => {
    const { series, index, shown } = this.#store.getState();
    const frame = series?.frames[index];
    const steps = shown ? this.#surface.screenSteps() : undefined;
    if (!frame || !steps) {
      return;
    }
    const { right, down } = steps;
    const pixelsPerStep = Math.hypot(right[0], right[1]);
    const { spacing, orientation } = frame;
    this.#store.setState({
      letters: orientation && edgeLetters(orientation, right, down),
      mmPerPixel: spacing && Math.hypot(right[0] * spacing.columnMm, right[1] * spacing.rowMm),
      zoomPercent: pixelsPerStep > 0 ? 100 / pixelsPerStep : undefined,
    });
  };

  #continueWithoutGraphicsCard(): void {
    if (this.#cpu) {
      return;
    }
    this.#cpu = true;
    setUseCPURendering(true, false);
    this.#surface.destroy();
    this.#surface = new Surface(this.#element, true, this.#onViewChanged);
    this.#store.setState({ rendering: 'cpu', contextLost: true, shown: false });
    if (this.#stack) {
      this.#stack.decodeAgainForProcessor();
      void this.#load(this.#stack, this.#store.getState().index);
    }
  }

  destroy(): void {
    window.clearTimeout(this.#settleTimer);
    this.#stack?.close();
    this.#stack = undefined;
    this.#cine.stop();
    this.#resize.disconnect();
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    this.#surface.destroy();
  }
}
