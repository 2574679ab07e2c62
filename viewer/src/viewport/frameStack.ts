/**
 * The frames of one open series: where each is had, which are here, and the fetching of the rest around the reader.
 * What belongs to a closed series is dropped when it arrives.
 */
import { cache, Enums, imageLoader, type Types } from '@cornerstonejs/core';
import { Enums as MetadataEnums, metaData } from '@cornerstonejs/metadata';
import type { DataSet } from '../dicomweb/dataSet';
import { text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { SopInstanceUid } from '../dicomweb/uid';
import { instanceUrl } from '../dicomweb/urls';
import { withBelievableFrames } from '../imaging/frames';
import { abortRequests, registerInstance } from './frameLoader';
import { Prefetcher } from './prefetcher';
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

/** How many frames of this series memory has room for. */
function roomFor(series: OpenSeries): number {
  const largest = Math.max(
    1,
    ...series.frames.map(({ rows, columns, isColour }) => rows * columns * (isColour ? 4 : 2)),
  );
  return Math.max(8, Math.floor((cache.getMaxCacheSize() * 0.7) / largest));
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

export class FrameStack {
  readonly imageIds: string[];
  readonly #store: ViewStore;
  readonly #prefetcher: Prefetcher;
  readonly #underWay = new Set<number>();
  /** The processor's drawing takes four channels, the graphics card's three. */
  #fourChannels: boolean;
  #isClosed = false;

  constructor(store: ViewStore, series: OpenSeries, metadata: readonly DataSet[], fourChannels: boolean) {
    const address = (uid: SopInstanceUid) =>
      `wadors:${location.origin}${instanceUrl(series.studyInstanceUid, series.seriesInstanceUid, uid)}`;
    register(metadata, series.frames, address);
    this.imageIds = series.frames.map((frame) => `${address(frame.sopInstanceUid)}/frames/${frame.frameNumber}`);
    this.#store = store;
    this.#fourChannels = fourChannels;
    this.#publish(Uint8Array.from(this.imageIds, (id) => (cache.isLoaded(id) ? FrameState.loaded : FrameState.absent)));
    this.#prefetcher = new Prefetcher(
      {
        count: this.imageIds.length,
        isSettled: (index) => store.getState().frameStates[index] !== FrameState.absent || this.#underWay.has(index),
        fetch: (index) => this.fetch(index, Enums.RequestType.Prefetch),
      },
      roomFor(series),
    );
  }

  isHere(index: number): boolean {
    return cache.isLoaded(this.imageIds[index] ?? '');
  }

  /** The decoded frame, if it is still in memory. */
  image(index: number): Types.IImage | undefined {
    const imageId = this.imageIds[index];
    return imageId === undefined ? undefined : cache.getImage(imageId);
  }

  /** Fetches and decodes one frame and records how that went. */
  async fetch(index: number, requestType = Enums.RequestType.Interaction): Promise<Types.IImage> {
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

  /** Goes on fetching around the frame where the reader is now. */
  fetchAround(index: number): void {
    this.#prefetcher.moveTo(index);
  }

  /** Lets the frames that failed be asked for again. */
  forgetFailures(): void {
    this.#publish(
      this.#store.getState().frameStates.map((state) => (state === FrameState.failed ? FrameState.absent : state)),
    );
  }

  /** Drops what was decoded: from now on frames are decoded for drawing by the processor. */
  decodeAgainForProcessor(): void {
    this.#fourChannels = true;
    cache.purgeCache();
    this.#publish(new Uint8Array(this.imageIds.length));
  }

  /** Nobody waits for these frames any more. */
  close(): void {
    this.#isClosed = true;
    this.#prefetcher.stop();
    abortRequests();
  }

  #record(index: number, state: number): void {
    if (!this.#isClosed) {
      const frameStates = this.#store.getState().frameStates.slice();
      frameStates[index] = state;
      this.#publish(frameStates);
    }
  }

  #publish(frameStates: Uint8Array): void {
    const loadedCount = frameStates.filter((state) => state === FrameState.loaded).length;
    this.#store.setState({ frameStates, loadedCount });
  }
}
