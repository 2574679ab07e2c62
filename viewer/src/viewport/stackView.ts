/**
 * The picture: which frame of the open series is on the screen, in which window. Frames are fetched before the surface
 * is told to show them, so that a failed one is ours to explain and never leaves the last good picture under a wrong
 * label.
 */
import { Enums, type Types } from '@cornerstonejs/core';
import type { DataSet } from '../dicomweb/dataSet';
import { type CaptureArea, capturePlacement, fittedPlacement } from '../imaging/capture';
import { clampFrameRate, defaultFrameRate } from '../imaging/cine';
import type { Frame } from '../imaging/frames';
import { edgeLetters } from '../imaging/orientation';
import { pictureAt, type ScreenPoint, type ScreenRegion } from '../imaging/placement';
import { isSameExtent, postureOf } from '../imaging/posture';
import { valuesBetween } from '../imaging/region';
import type { PictureValues } from '../imaging/statistics';
import { draggedWindow, type VoiWindow, windowOf } from '../imaging/window';
import { CinePlayer } from './cinePlayer';
import type { Negative } from './darkroom';
import { failureOf, rangeOfImage, valuesOfImage, windowOfImage, windowOfValues } from './frameLoader';
import { FrameStack } from './frameStack';
import type { Magnified } from './loupe';
import type { PrefetchSource } from './prefetcher';
import type { Surface } from './surface';
import {
  type Developed,
  FrameState,
  initialViewState,
  type KeptView,
  type OpenSeries,
  type Presented,
  type Screen,
  type ViewStore,
} from './viewState';

/** Waiting this long before asking for a frame that is passed by spares requests while the wheel turns. */
const settleMs = 40;

/** What a view needs of the stage that it stands on. */
export interface StackHost {
  readonly cpu: boolean;
  newSurface(onChange: () => void): Surface;
  /** Shows the magnifier there, or hides it. */
  magnify(magnified: Magnified | undefined): void;
  /** Makes a picture out of sight. */
  develop(negative: Negative): Promise<HTMLCanvasElement>;
  /** The reader moved: frames around other places are wanted. */
  moved(): void;
  left(): void;
}

export class StackView implements Screen {
  readonly #host: StackHost;
  readonly #store: ViewStore;
  readonly #cine: CinePlayer;
  #surface: Surface;
  /** Another one with every series: what belongs to an earlier one is dropped when it arrives. */
  #stack: FrameStack | undefined;
  #settleTimer: number | undefined;
  /** The window the reader chose; undefined while each image has its own. */
  #chosenWindow: VoiWindow | undefined;
  /** Which of the windows that each image names is shown. */
  #windowPlace = 0;
  /** How frames are shown in place of what their images say. */
  #presented: ((frame: Frame) => Presented | undefined) | undefined;
  /** How the surface was laid last. */
  #arranged: string | undefined;
  #magnified: Pick<Magnified, 'at' | 'isCovered'> | undefined;
  /** How the series was left, until it is shown so again. */
  #left: KeptView | undefined;
  readonly #stopFitting: () => void;
  #isInSight = true;
  #isGone = false;

  constructor(host: StackHost, store: ViewStore) {
    this.#host = host;
    this.#store = store;
    this.#surface = host.newSurface(this.#onViewChanged);
    this.#stopFitting = store.subscribe(({ extent, shown }, before) => {
      if (shown && before.shown && !isSameExtent(extent, before.extent)) {
        this.#fitAnew();
      }
    });
    this.#cine = new CinePlayer({
      position: () => ({ index: store.getState().index, count: this.#count }),
      rate: () => store.getState().frameRate,
      isReady: (index) => store.getState().frameStates[index] !== FrameState.absent,
      show: (index) => this.showFrame(index),
    });
  }

  /** The frames to be fetched ahead; none while nothing is shown. */
  get frames(): PrefetchSource | undefined {
    return this.#stack;
  }

  get #count(): number {
    return this.#stack?.imageIds.length ?? 0;
  }

  open(series: OpenSeries, metadata: readonly DataSet[], index: number, kept?: KeptView): void {
    this.clear();
    this.#left = kept;
    this.#chosenWindow = kept?.window;
    this.#windowPlace = kept?.windowPlace ?? 0;
    this.#store.setState({ series, index, frameRate: series.frameRate ?? defaultFrameRate });
    this.#stack = new FrameStack(this.#store, series, metadata, this.#host.cpu);
    this.showFrame(index);
    if (series.frameRate !== undefined && series.modality === 'US') {
      this.setPlaying(true);
    }
  }

  kept(): KeptView | undefined {
    const { index, inverted, shown } = this.#store.getState();
    const windowPlace = this.#windowPlace;
    const { center, width, voiFunction, table } = this.#chosenWindow ?? {};
    // A table is too much to be kept: the image has it.
    const isChosen = center !== undefined && width !== undefined && voiFunction !== undefined && !table;
    const window = isChosen ? { window: { center, width, voiFunction } } : {};
    // As another system arranged it, it is not how the reader left it.
    const isOwn = shown && !this.#presented;
    return isOwn ? { index, windowPlace, inverted, ...window, ...this.#surface.stance } : undefined;
  }

  clear(): void {
    window.clearTimeout(this.#settleTimer);
    this.#left = undefined;
    this.#stack?.close();
    this.#stack = undefined;
    this.#cine.stop();
    this.#surface.leaveStack();
    this.#chosenWindow = undefined;
    this.#windowPlace = 0;
    this.#presented = undefined;
    this.#store.setState(initialViewState);
    this.#magnifyAnew();
  }

  /** A picture that is hidden for a while does not play. */
  setInSight(isInSight: boolean): void {
    this.#isInSight = isInSight;
    this.#playOrRest();
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
    stack.moveTo(index);
    window.clearTimeout(this.#settleTimer);
    this.#store.setState({ index, shown: false, failure: undefined });
    this.#magnifyAnew();
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
      const image = await stack.fetch(index, Enums.RequestType.Interaction);
      if (this.#isCurrent(stack, index)) {
        await this.#display(stack, index, image);
      }
    } catch (error) {
      if (this.#isCurrent(stack, index)) {
        this.#store.setState({ failure: failureOf(error), shown: false });
      }
    }
    this.#host.moved();
  }

  async #display(stack: FrameStack, index: number, image: Types.IImage): Promise<void> {
    if (this.#surface.hasStack) {
      await this.#surface.setFrame(index);
      if (this.#isCurrent(stack, index) && JSON.stringify(this.#arrangement) !== this.#arranged) {
        this.#straighten(image);
      }
    } else {
      await this.#surface.setStack(stack.imageIds, index);
      if (stack !== this.#stack) {
        return;
      }
      this.#straighten(image);
      if (this.#left) {
        this.#surface.take(this.#left);
        if (this.#left.inverted) {
          this.#surface.invert();
        }
        this.#left = undefined;
      }
    }
    if (!this.#isCurrent(stack, index)) {
      return;
    }
    this.#applyWindow(this.#chosenWindow ?? this.#ownWindow(index, image));
    this.#store.setState({ shown: true, everShown: true, failure: undefined, inverted: this.#isInverted(image) });
  }

  /** MONOCHROME1 is drawn inverted (PS3.3 C.7.6.3.1.2). */
  #straighten(image: Types.IImage | undefined): void {
    const frame = this.#frame;
    const arrangement = this.#arrangement;
    this.#arranged = JSON.stringify(arrangement);
    if (arrangement) {
      this.#surface.setExtent(undefined);
      this.#surface.arrange(arrangement);
      return;
    }
    const { spacing } = frame ?? {};
    const { widthMm, heightMm } = this.#store.getState().extent ?? {};
    this.#surface.setExtent(
      spacing && widthMm && heightMm ? [widthMm / spacing.columnMm, heightMm / spacing.rowMm] : undefined,
    );
    this.#surface.straighten(image?.invert === true, postureOf(frame));
  }

  /** Fits the picture anew, in the polarity that it has. */
  #fitAnew(): void {
    this.#whenShown((surface) => {
      const { isInverted } = surface;
      this.#straighten(this.#image);
      if (surface.isInverted !== isInverted) {
        surface.invert();
      }
    });
  }

  get #frame() {
    const { series, index } = this.#store.getState();
    return series?.frames[index];
  }

  get #arrangement() {
    const frame = this.#frame;
    return frame && this.#presented?.(frame)?.arrangement;
  }

  /** MONOCHROME1 is drawn inverted from the start; the reader's own inversion counts against that. */
  #isInverted(image: Types.IImage): boolean {
    return this.#surface.isInverted !== (image.invert === true);
  }

  /** The window an image names, or else the one that its pixels suggest. */
  #ownWindow(index: number, image: Types.IImage | undefined): VoiWindow | undefined {
    const frame = this.#store.getState().series?.frames[index];
    const presented = frame && this.#presented?.(frame)?.window;
    if (presented) {
      return presented;
    }
    const windows = frame?.windows ?? [];
    return windows[this.#windowPlace] ?? windows[0] ?? (image && windowOfImage(image));
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

  values(): PictureValues | undefined {
    const image = this.#store.getState().shown ? this.#image : undefined;
    return image && valuesOfImage(image);
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

  showImageWindow(place = 0): void {
    this.#chosenWindow = undefined;
    this.#windowPlace = place;
    this.#applyWindow(this.#ownWindow(this.#store.getState().index, this.#image));
  }

  showFullRange(): void {
    const image = this.#image;
    if (image) {
      this.setWindow(windowOf(rangeOfImage(image)));
    }
  }

  showAutomaticWindow(): void {
    const image = this.#image;
    if (image && !image.color) {
      this.setWindow(windowOfValues(image, image.getPixelData()));
    }
  }

  windowBy({ from, to }: ScreenRegion): void {
    const image = this.#image;
    const { placement, shown } = this.#store.getState();
    if (!image || image.color || !placement || !shown) {
      return;
    }
    const { columns, rows } = image;
    const picture = { pixels: image.getPixelData(), columns, rows };
    const values = valuesBetween(picture, pictureAt(placement, from), pictureAt(placement, to));
    if (values.length > 0) {
      this.setWindow(windowOfValues(image, values));
    }
  }

  outline(outlined: ScreenRegion | undefined): void {
    this.#store.setState({ outlined });
  }

  magnify(at: ScreenPoint | undefined, isCovered = false): void {
    this.#magnified = at && { at, isCovered };
    const { index, shown } = this.#store.getState();
    const imageId = this.#stack?.imageIds[index];
    this.#host.magnify(
      at && shown && imageId !== undefined ? { model: this.#surface, imageId, at, isCovered } : undefined,
    );
  }

  /** Does something to the surface if it shows what the labels say. */
  #whenShown(act: (surface: Surface) => void): void {
    if (this.#store.getState().shown) {
      act(this.#surface);
    }
  }

  async develop(index: number, area: CaptureArea, leastPixels: number): Promise<Developed> {
    const stack = this.#stack;
    const { series, placement: seen, index: present } = this.#store.getState();
    const [frame, shownFrame] = [series?.frames[index], series?.frames[present]];
    const imageId = stack?.imageIds[index];
    if (!stack || !series || !seen || !frame || imageId === undefined) {
      throw new Error('no image is shown');
    }
    const image = await stack.fetch(index, Enums.RequestType.Interaction);
    const isAlike = frame.rows === shownFrame?.rows && frame.columns === shownFrame.columns;
    const placement = capturePlacement(isAlike ? seen : fittedPlacement(seen, frame), frame, area, leastPixels);
    const window = this.#chosenWindow ?? this.#ownWindow(index, image);
    const canvas = await this.#host.develop({ imageId, model: this.#surface, window, placement });
    return { canvas, series, index, frame, placement, window };
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
    this.#whenShown(() => {
      this.#straighten(this.#image);
      this.showImageWindow();
      const image = this.#image;
      this.#store.setState({ inverted: image ? this.#isInverted(image) : false });
    });
  }

  present(presented: ((frame: Frame) => Presented | undefined) | undefined): void {
    if (presented !== this.#presented) {
      this.#presented = presented;
      this.#whenShown(() => {
        this.#straighten(this.#image);
        this.showImageWindow();
        const image = this.#image;
        this.#store.setState({ inverted: image ? this.#isInverted(image) : false });
      });
    }
  }

  setPlaying(playing: boolean): void {
    const canPlay = playing && this.#count > 1;
    this.#store.setState({ playing: canPlay });
    this.#playOrRest();
  }

  #playOrRest(): void {
    if (this.#isInSight && this.#store.getState().playing) {
      this.#cine.start();
    } else {
      this.#cine.stop();
    }
  }

  setFrameRate(rate: number): void {
    this.#store.setState({ frameRate: clampFrameRate(rate) });
  }

  /** The magnifier that is held shows what the picture shows now. */
  #magnifyAnew(): void {
    if (this.#magnified) {
      this.magnify(this.#magnified.at, this.#magnified.isCovered);
    }
  }

  /** Letters, scale bar and lines follow the screen. */
  readonly #onViewChanged = () => {
    const { series, index, shown } = this.#store.getState();
    const frame = series?.frames[index];
    const placement = shown ? this.#surface.placement() : undefined;
    if (!frame || !placement) {
      return;
    }
    const { right, down } = placement;
    const pixelsPerStep = Math.hypot(right[0], right[1]);
    const { spacing, orientation } = frame;
    this.#store.setState({
      placement,
      letters: orientation && edgeLetters(orientation, right, down),
      mmPerPixel: spacing && Math.hypot(right[0] * spacing.columnMm, right[1] * spacing.rowMm),
      zoomPercent: pixelsPerStep > 0 ? 100 / pixelsPerStep : undefined,
    });
    this.#magnifyAnew();
  };

  /** The area has another size. */
  refit(): void {
    this.#surface.refit();
  }

  /** Draws on a new surface by the processor, as the graphics card gave up and took the old one with it. */
  drawByProcessor(): void {
    this.#surface.destroy();
    this.#surface = this.#host.newSurface(this.#onViewChanged);
    this.#store.setState({ shown: false });
    if (this.#stack) {
      this.#stack.decodeForProcessor();
      void this.#load(this.#stack, this.#store.getState().index);
    }
  }

  destroy(): void {
    if (!this.#isGone) {
      this.#isGone = true;
      this.#stopFitting();
      this.clear();
      this.#surface.destroy();
      this.#host.left();
    }
  }
}
