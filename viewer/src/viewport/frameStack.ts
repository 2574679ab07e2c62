/**
 * The frames of one open series: where each is had and which are here. Decoded frames are in one memory for all
 * viewports, those that show the same series included. What belongs to a closed series is dropped when it arrives.
 */
import { cache, Enums, eventTarget, imageLoader, type Types } from '@cornerstonejs/core';
import { Enums as MetadataEnums, metaData } from '@cornerstonejs/metadata';
import type { DataSet } from '../dicomweb/dataSet';
import { text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { SopInstanceUid } from '../dicomweb/uid';
import { instanceUrl } from '../dicomweb/urls';
import { withBelievableFrames } from '../imaging/frames';
import { abortRequests, registerInstance } from './frameLoader';
import type { PrefetchSource } from './prefetcher';
import { FrameState, type OpenSeries, type ViewStore } from './viewState';

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

/** Bytes of the largest frame once it is decoded. */
function decodedBytes(series: OpenSeries): number {
  return Math.max(1, ...series.frames.map(({ rows, columns, isColour }) => rows * columns * (isColour ? 4 : 2)));
}

/** Tells Cornerstone and our loader about the instances whose frames are shown. */
function register(
  metadata: readonly DataSet[],
  frames: OpenSeries['frames'],
  address: (uid: SopInstanceUid) => string,
) {
  const shown = new Map<string, SopInstanceUid>(frames.map(({ sopInstanceUid: uid }) => [uid, uid]));
  for (const instance of metadata) {
    const uid = shown.get(text(instance, Tag.SopInstanceUid) ?? '');
    if (uid) {
      const imageId = address(uid);
      // Cornerstone lists as many frames as are declared, be it two thousand million.
      const dicomwebJson = withBelievableFrames(instance);
      metaData.clearQuery(MetadataEnums.MetadataModules.NATURALIZED, imageId);
      metaData.addMetaData(MetadataEnums.MetadataModules.NATURALIZED, imageId, { dicomwebJson });
      registerInstance(imageId, instance);
    }
  }
}

const openStacks = new Set<FrameStack>();

export class FrameStack implements PrefetchSource {
  readonly imageIds: string[];
  readonly frameBytes: number;
  readonly #store: ViewStore;
  readonly #indices: ReadonlyMap<string, number>;
  readonly #underWay = new Set<number>();
  /** The processor's drawing takes four channels, the graphics card's three. */
  #fourChannels: boolean;
  #current = 0;
  #direction: 1 | -1 = 1;

  constructor(store: ViewStore, series: OpenSeries, metadata: readonly DataSet[], fourChannels: boolean) {
    const address = (uid: SopInstanceUid) =>
      `wadors:${location.origin}${instanceUrl(series.studyInstanceUid, series.seriesInstanceUid, uid)}`;
    register(metadata, series.frames, address);
    this.imageIds = series.frames.map((frame) => `${address(frame.sopInstanceUid)}/frames/${frame.frameNumber}`);
    this.frameBytes = decodedBytes(series);
    this.#store = store;
    this.#indices = new Map(this.imageIds.map((id, index) => [id, index]));
    this.#fourChannels = fourChannels;
    this.#publish(Uint8Array.from(this.imageIds, (id) => (cache.isLoaded(id) ? FrameState.loaded : FrameState.absent)));
    openStacks.add(this);
    eventTarget.addEventListener(Enums.Events.IMAGE_CACHE_IMAGE_ADDED, this.#onAdded);
    eventTarget.addEventListener(Enums.Events.IMAGE_CACHE_IMAGE_REMOVED, this.#onRemoved);
  }

  get count(): number {
    return this.imageIds.length;
  }

  get current(): number {
    return this.#current;
  }

  get direction(): 1 | -1 {
    return this.#direction;
  }

  /** The reader is at this frame now. */
  moveTo(index: number): void {
    if (index !== this.#current) {
      this.#direction = index > this.#current ? 1 : -1;
      this.#current = index;
    }
  }

  isSettled(index: number): boolean {
    return this.#store.getState().frameStates[index] !== FrameState.absent || this.#underWay.has(index);
  }

  isHere(index: number): boolean {
    return cache.isLoaded(this.imageIds[index] ?? '');
  }

  /** The decoded frame, if it is still in memory. */
  image(index: number): Types.IImage | undefined {
    const imageId = this.imageIds[index];
    return imageId === undefined ? undefined : cache.getImage(imageId);
  }

  /** Looking at a frame makes it the last one to be put out of memory. */
  keep(index: number): void {
    this.image(index);
  }

  /** Fetches and decodes one frame and records how that went. */
  async fetch(index: number, requestType = Enums.RequestType.Prefetch): Promise<Types.IImage> {
    this.#underWay.add(index);
    try {
      const image = await loadThroughCache(this.imageIds[index] ?? '', {
        priority: requestType === Enums.RequestType.Interaction ? -5 : 5,
        requestType,
        ...{ useRGBA: this.#fourChannels },
      });
      this.#record(index, FrameState.loaded);
      return image;
    } catch (error) {
      this.#record(index, FrameState.failed);
      throw error;
    } finally {
      this.#underWay.delete(index);
    }
  }

  /** Lets the frames that failed be asked for again. */
  forgetFailures(): void {
    this.#publish(
      this.#store.getState().frameStates.map((state) => (state === FrameState.failed ? FrameState.absent : state)),
    );
  }

  /** What was decoded is gone: from now on frames are decoded for drawing by the processor. */
  decodeForProcessor(): void {
    this.#fourChannels = true;
    this.#publish(new Uint8Array(this.imageIds.length));
  }

  /** Nobody waits for these frames any more, unless another viewport shows them too. */
  close(): void {
    openStacks.delete(this);
    eventTarget.removeEventListener(Enums.Events.IMAGE_CACHE_IMAGE_ADDED, this.#onAdded);
    eventTarget.removeEventListener(Enums.Events.IMAGE_CACHE_IMAGE_REMOVED, this.#onRemoved);
    // A series that goes from one viewport to another is closed here and opened there in one go.
    window.setTimeout(() => {
      abortRequests(
        this.imageIds.filter((id) => this.#underWay.has(this.#indices.get(id) ?? -1) && !isShownSomewhere(id)),
      );
    });
  }

  has(imageId: string): boolean {
    return this.#indices.has(imageId);
  }

  /** Another viewport may have fetched it, or memory may have had to give it up. */
  readonly #onAdded = (event: Event) => {
    const { image } = (event as CustomEvent<{ image: { imageId: string } }>).detail;
    this.#record(this.#indices.get(image.imageId), FrameState.loaded);
  };

  readonly #onRemoved = (event: Event) => {
    const { imageId } = (event as CustomEvent<{ imageId: string }>).detail;
    this.#record(this.#indices.get(imageId), FrameState.absent);
  };

  #record(index: number | undefined, state: number): void {
    const present = this.#store.getState().frameStates;
    if (openStacks.has(this) && index !== undefined && present[index] !== state) {
      const frameStates = present.slice();
      frameStates[index] = state;
      this.#publish(frameStates);
    }
  }

  #publish(frameStates: Uint8Array): void {
    const loadedCount = frameStates.filter((state) => state === FrameState.loaded).length;
    this.#store.setState({ frameStates, loadedCount });
  }
}

function isShownSomewhere(imageId: string): boolean {
  return [...openStacks].some((stack) => stack.has(imageId));
}
