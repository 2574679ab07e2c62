/**
 * The picture: a Cornerstone stack viewport driven by our own tools. Frames are fetched before the viewport is told to
 * show them, so that a failed one is ours to explain and never leaves the last good picture under a wrong label.
 */
import {
  cache,
  Enums,
  eventTarget,
  imageLoader,
  RenderingEngine,
  setUseCPURendering,
  type Types,
} from '@cornerstonejs/core';
import { Enums as MetadataEnums, metaData } from '@cornerstonejs/metadata';
import type { DataSet } from '../dicomweb/dataSet';
import { text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { instanceUrl } from '../dicomweb/urls';
import { clampFrameRate, defaultFrameRate } from '../imaging/cine';
import { edgeLetters, type ScreenDirection } from '../imaging/orientation';
import { draggedWindow, rangeOf, type VoiWindow, windowOf } from '../imaging/window';
import { CinePlayer } from './cinePlayer';
import { startEngine } from './engine';
import { abortRequests, failureOf, registerInstance, windowOfImage } from './frameLoader';
import { Prefetcher } from './prefetcher';
import { FrameState, type ImageView, type OpenSeries, type ViewStore } from './viewState';

const viewportId = 'main';
let engines = 0;

/** Waiting this long before asking for a frame that is passed by spares requests while the wheel turns. */
const settleMs = 40;

/** As Cornerstone's loadAndCacheImage, which leaves a second, unhandled rejection behind when an image fails. */
function loadThroughCache(
  imageId: string,
  options: Parameters<typeof imageLoader.loadImage>[1],
): Promise<Types.IImage> {
  const promise = imageLoader.loadImage(imageId, options);
  if (!cache.getImageLoadObject(imageId)) {
    cache.putImageLoadObject(imageId, { promise }).catch(() => undefined);
  }
  return promise;
}

export class StackView implements ImageView {
  readonly #element: HTMLDivElement;
  readonly #store: ViewStore;
  readonly #cine: CinePlayer;
  readonly #resize: ResizeObserver;
  readonly #onContextLost = () => this.#continueWithoutGraphicsCard();
  #engine: RenderingEngine;
  #prefetcher: Prefetcher | undefined;
  #imageIds: string[] = [];
  #stackIsSet = false;
  /** Grows with every series: what belongs to an earlier one is dropped when it arrives. */
  #generation = 0;
  #settleTimer: number | undefined;
  #underWay = new Set<number>();
  /** The window the reader chose; undefined while each image has its own. */
  #chosenWindow: VoiWindow | undefined;
  #cpu: boolean;
  /** Whether the whole picture fills the area, as long as the reader has not zoomed or moved it. */
  #isFitted = true;

  constructor(element: HTMLDivElement, store: ViewStore) {
    this.#element = element;
    this.#store = store;
    this.#cpu = startEngine().cpu;
    this.#engine = this.#createEngine();
    this.#cine = new CinePlayer({
      position: () => ({ index: store.getState().index, count: this.#imageIds.length }),
      rate: () => store.getState().frameRate,
      isReady: (index) => store.getState().frameStates[index] !== FrameState.absent,
      show: (index) => this.showFrame(index),
    });
    this.#resize = new ResizeObserver(() => this.#onResize());
    this.#resize.observe(element);
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    store.setState({ rendering: this.#cpu ? 'cpu' : 'gpu' });
  }

  #createEngine(): RenderingEngine {
    engines += 1;
    const engine = new RenderingEngine(`engine-${engines}`);
    engine.enableElement({
      viewportId,
      type: Enums.ViewportType.STACK,
      element: this.#element,
      defaultOptions: { background: [0, 0, 0] },
    });
    for (const event of [Enums.Events.CAMERA_MODIFIED, Enums.Events.STACK_NEW_IMAGE, Enums.Events.IMAGE_RENDERED]) {
      this.#element.addEventListener(event, this.#onViewChanged);
    }
    return engine;
  }

  #viewport(): Types.IStackViewport {
    return this.#engine.getViewport(viewportId) as Types.IStackViewport;
  }

  open(series: OpenSeries, metadata: readonly DataSet[]): void {
    this.#generation += 1;
    this.#prefetcher?.stop();
    this.#cine.stop();
    abortRequests();
    this.#stackIsSet = false;
    this.#isFitted = true;
    this.#underWay = new Set();
    this.#chosenWindow = undefined;
    const address = (instance: OpenSeries['frames'][number]['sopInstanceUid']) =>
      `wadors:${location.origin}${instanceUrl(series.studyInstanceUid, series.seriesInstanceUid, instance)}`;
    const shown = new Set<string>(series.frames.map((frame) => frame.sopInstanceUid));
    const frameOf = new Map<string, OpenSeries['frames'][number]>(
      series.frames.map((frame) => [frame.sopInstanceUid, frame]),
    );
    for (const instance of metadata) {
      const uid = text(instance, Tag.SopInstanceUid);
      const frame = uid !== undefined && shown.has(uid) ? frameOf.get(uid) : undefined;
      if (frame) {
        this.#addMetadata(address(frame.sopInstanceUid), instance);
      }
    }
    this.#imageIds = series.frames.map((frame) => `${address(frame.sopInstanceUid)}/frames/${frame.frameNumber}`);
    const frameStates = Uint8Array.from(this.#imageIds, (id) =>
      cache.isLoaded(id) ? FrameState.loaded : FrameState.absent,
    );
    this.#store.setState({
      series,
      index: 0,
      shown: false,
      everShown: false,
      failure: undefined,
      frameStates,
      loadedCount: frameStates.filter((state) => state === FrameState.loaded).length,
      window: undefined,
      inverted: false,
      zoomPercent: undefined,
      letters: undefined,
      mmPerPixel: undefined,
      playing: false,
      frameRate: series.frameRate ?? defaultFrameRate,
    });
    this.#prefetcher = this.#createPrefetcher(series);
    this.showFrame(0);
    if (series.frameRate !== undefined && series.modality === 'US' && this.#imageIds.length > 1) {
      this.setPlaying(true);
    }
  }

  #addMetadata(instanceImageId: string, instance: DataSet): void {
    metaData.clearQuery(MetadataEnums.MetadataModules.NATURALIZED, instanceImageId);
    metaData.addMetaData(MetadataEnums.MetadataModules.NATURALIZED, instanceImageId, { dicomwebJson: instance });
    registerInstance(instanceImageId, instance);
  }

  #createPrefetcher(series: OpenSeries): Prefetcher {
    const largest = Math.max(
      1,
      ...series.frames.map(({ rows, columns, isColour }) => rows * columns * (isColour ? 4 : 2)),
    );
    const reach = Math.max(8, Math.floor((cache.getMaxCacheSize() * 0.7) / largest));
    return new Prefetcher(
      {
        count: this.#imageIds.length,
        isSettled: (index) =>
          this.#store.getState().frameStates[index] !== FrameState.absent || this.#underWay.has(index),
        fetch: (index) => this.#fetch(index, Enums.RequestType.Prefetch),
      },
      reach,
    );
  }

  /** Fetches and decodes one frame and records how that went. */
  async #fetch(index: number, requestType: Enums.RequestType): Promise<Types.IImage> {
    const generation = this.#generation;
    const imageId = this.#imageIds[index] ?? '';
    this.#underWay.add(index);
    try {
      const image = await loadThroughCache(imageId, {
        priority: requestType === Enums.RequestType.Interaction ? -5 : 5,
        requestType,
        // The processor's drawing takes four channels, the graphics card's three.
        ...{ useRGBA: this.#cpu },
      });
      this.#record(generation, index, FrameState.loaded);
      return image;
    } catch (error) {
      this.#record(generation, index, FrameState.failed);
      throw error;
    } finally {
      if (generation === this.#generation) {
        this.#underWay.delete(index);
      }
    }
  }

  #record(generation: number, index: number, state: number): void {
    if (generation !== this.#generation) {
      return;
    }
    const frameStates = this.#store.getState().frameStates.slice();
    frameStates[index] = state;
    this.#store.setState({
      frameStates,
      loadedCount: frameStates.filter((candidate) => candidate === FrameState.loaded).length,
    });
  }

  showFrame(wanted: number): void {
    const last = this.#imageIds.length - 1;
    if (last < 0) {
      return;
    }
    const index = Math.min(Math.max(Math.round(wanted), 0), last);
    const state = this.#store.getState();
    if (index === state.index && state.shown) {
      return;
    }
    window.clearTimeout(this.#settleTimer);
    this.#store.setState({ index, shown: false, failure: undefined });
    const imageId = this.#imageIds[index] ?? '';
    if (cache.isLoaded(imageId) || !this.#stackIsSet) {
      void this.#load(index);
    } else {
      this.#settleTimer = window.setTimeout(() => void this.#load(index), settleMs);
    }
  }

  async #load(index: number): Promise<void> {
    const generation = this.#generation;
    const isCurrent = () => generation === this.#generation && this.#store.getState().index === index;
    try {
      const image = await this.#fetch(index, Enums.RequestType.Interaction);
      if (isCurrent()) {
        await this.#display(index, image);
      }
    } catch (error) {
      if (isCurrent()) {
        this.#store.setState({ failure: failureOf(error), shown: false });
      }
    }
    if (generation === this.#generation) {
      this.#prefetcher?.moveTo(this.#store.getState().index);
    }
  }

  async #display(index: number, image: Types.IImage): Promise<void> {
    const viewport = this.#viewport();
    const generation = this.#generation;
    if (this.#stackIsSet) {
      await viewport.setImageIdIndex(index);
    } else {
      this.#stackIsSet = true;
      await viewport.setStack(this.#imageIds, index);
      if (generation !== this.#generation) {
        return;
      }
      // MONOCHROME1 is drawn inverted (PS3.3 C.7.6.3.1.2); what an earlier series was set to does not carry over.
      viewport.setProperties({ invert: image.invert === true });
      viewport.resetCamera();
    }
    if (generation !== this.#generation || this.#store.getState().index !== index) {
      return;
    }
    this.#applyWindow(
      this.#chosenWindow ?? this.#store.getState().series?.frames[index]?.windows[0] ?? windowOfImage(image),
    );
    this.#store.setState({ shown: true, everShown: true, failure: undefined, inverted: this.#isInverted(image) });
  }

  #isInverted(image: Types.IImage): boolean {
    // MONOCHROME1 is drawn inverted from the start; the reader's own inversion counts against that.
    return (this.#viewport().getProperties().invert === true) !== (image.invert === true);
  }

  #applyWindow(window: VoiWindow | undefined): void {
    if (!window) {
      return;
    }
    const viewport = this.#viewport();
    const voiRange = rangeOf(window);
    viewport.setProperties(
      this.#cpu ? { voiRange } : { voiRange, VOILUTFunction: window.voiFunction as Enums.VOILUTFunctionType },
    );
    viewport.render();
    this.#store.setState({ window });
  }

  scrollBy(steps: number): void {
    this.showFrame(this.#store.getState().index + steps);
  }

  retry(): void {
    const { index, frameStates } = this.#store.getState();
    const cleared = frameStates.map((state) => (state === FrameState.failed ? FrameState.absent : state));
    this.#store.setState({ frameStates: cleared, failure: undefined, shown: false });
    void this.#load(index);
  }

  #currentImage(): Types.IImage | undefined {
    const imageId = this.#imageIds[this.#store.getState().index];
    return imageId === undefined ? undefined : cache.getImage(imageId);
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
    const { series, index } = this.#store.getState();
    const image = this.#currentImage();
    this.#applyWindow(series?.frames[index]?.windows[0] ?? (image && windowOfImage(image)));
  }

  showFullRange(): void {
    const image = this.#currentImage();
    if (image) {
      this.setWindow(windowOf({ lower: image.minPixelValue, upper: image.maxPixelValue }));
    }
  }

  invert(): void {
    const image = this.#currentImage();
    if (!image || !this.#store.getState().shown) {
      return;
    }
    const viewport = this.#viewport();
    viewport.setProperties({ invert: viewport.getProperties().invert !== true });
    viewport.render();
    this.#store.setState({ inverted: this.#isInverted(image) });
  }

  zoomBy(factor: number, at?: readonly [number, number]): void {
    if (!this.#store.getState().shown) {
      return;
    }
    this.#isFitted = false;
    const viewport = this.#viewport();
    const point: Types.Point2 = at ? [at[0], at[1]] : [this.#element.clientWidth / 2, this.#element.clientHeight / 2];
    const world = viewport.canvasToWorld(point);
    viewport.setZoom(Math.min(Math.max(viewport.getZoom() * factor, 0.05), 40));
    // The point under the pointer stays where it is.
    const moved = viewport.worldToCanvas(world);
    const pan = viewport.getPan();
    viewport.setPan([pan[0] + point[0] - moved[0], pan[1] + point[1] - moved[1]]);
    viewport.render();
  }

  panBy(dx: number, dy: number): void {
    if (!this.#store.getState().shown) {
      return;
    }
    this.#isFitted = false;
    const viewport = this.#viewport();
    const pan = viewport.getPan();
    viewport.setPan([pan[0] + dx, pan[1] + dy]);
    viewport.render();
  }

  fit(): void {
    if (this.#store.getState().shown) {
      const viewport = this.#viewport();
      const { rotation, flipHorizontal, flipVertical } = viewport.getViewPresentation();
      this.#isFitted = true;
      viewport.resetCamera();
      viewport.setViewPresentation({
        rotation: rotation ?? 0,
        flipHorizontal: flipHorizontal ?? false,
        flipVertical: flipVertical ?? false,
      });
      viewport.render();
    }
  }

  actualPixels(): void {
    const { zoomPercent } = this.#store.getState();
    if (zoomPercent) {
      this.zoomBy(100 / zoomPercent);
    }
  }

  rotate(degrees: 90 | -90): void {
    if (this.#store.getState().shown) {
      const viewport = this.#viewport();
      const rotation = viewport.getViewPresentation().rotation ?? 0;
      viewport.setViewPresentation({ rotation: (rotation + degrees + 360) % 360 });
      viewport.render();
    }
  }

  flip(axis: 'horizontal' | 'vertical'): void {
    if (!this.#store.getState().shown) {
      return;
    }
    const viewport = this.#viewport();
    const { flipHorizontal, flipVertical } = viewport.getCamera();
    viewport.setCamera(axis === 'horizontal' ? { flipHorizontal: !flipHorizontal } : { flipVertical: !flipVertical });
    viewport.render();
  }

  reset(): void {
    const image = this.#currentImage();
    if (!image || !this.#store.getState().shown) {
      return;
    }
    const viewport = this.#viewport();
    viewport.setProperties({ invert: image.invert === true });
    viewport.setCamera({ flipHorizontal: false, flipVertical: false });
    viewport.setViewPresentation({ rotation: 0 });
    this.#isFitted = true;
    viewport.resetCamera();
    this.showImageWindow();
    viewport.render();
    this.#store.setState({ inverted: false });
  }

  setPlaying(playing: boolean): void {
    const canPlay = playing && this.#imageIds.length > 1;
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

  /** Reads off the viewport what letters and scale bar need: the truth of the screen, whatever was turned or flipped. */
  readonly #onViewChanged = () => {
    const { series, index, shown } = this.#store.getState();
    const frame = series?.frames[index];
    if (!this.#stackIsSet || !frame || !shown) {
      return;
    }
    const viewport = this.#viewport();
    const image = viewport.getImageData();
    if (!image) {
      return;
    }
    const step = 100;
    const along = (dx: number, dy: number): ScreenDirection => {
      const from = viewport.canvasToWorld([0, 0]);
      const to = viewport.canvasToWorld([dx, dy]);
      const component = (offset: number, spacing: number) =>
        ((to[0] - from[0]) * (image.direction[offset] ?? 0) +
          (to[1] - from[1]) * (image.direction[offset + 1] ?? 0) +
          (to[2] - from[2]) * (image.direction[offset + 2] ?? 0)) /
        (spacing || 1) /
        step;
      return [component(0, image.spacing[0]), component(3, image.spacing[1])];
    };
    const right = along(step, 0);
    const down = along(0, step);
    const pixelsPerStep = Math.hypot(right[0], right[1]);
    const { spacing, orientation } = frame;
    this.#store.setState({
      letters: orientation && edgeLetters(orientation, right, down),
      mmPerPixel: spacing && Math.hypot(right[0] * spacing.columnMm, right[1] * spacing.rowMm),
      zoomPercent: pixelsPerStep > 0 ? 100 / pixelsPerStep : undefined,
    });
  };

  #onResize(): void {
    if (this.#element.clientWidth > 0 && this.#element.clientHeight > 0) {
      this.#engine.resize(true, true);
      if (this.#isFitted) {
        this.fit();
      }
    }
  }

  #continueWithoutGraphicsCard(): void {
    if (this.#cpu) {
      return;
    }
    const { series, index } = this.#store.getState();
    this.#cpu = true;
    setUseCPURendering(true, false);
    this.#engine.destroy();
    this.#engine = this.#createEngine();
    this.#stackIsSet = false;
    // Frames decoded for the graphics card have three channels; they are decoded again.
    cache.purgeCache();
    this.#store.setState({
      rendering: 'cpu',
      contextLost: true,
      shown: false,
      frameStates: new Uint8Array(this.#imageIds.length),
      loadedCount: 0,
    });
    if (series) {
      void this.#load(index);
    }
  }

  destroy(): void {
    this.#generation += 1;
    window.clearTimeout(this.#settleTimer);
    this.#prefetcher?.stop();
    this.#cine.stop();
    this.#resize.disconnect();
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    abortRequests();
    this.#engine.destroy();
  }
}
