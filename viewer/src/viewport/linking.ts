/** Viewports that go together: what is done to the active one is done to those that it is linked with. */
import { magnification, type Seen, shift } from '../imaging/alignment';
import type { Frame } from '../imaging/frames';
import { nearestFrame, planeOfFrame, toPatient } from '../imaging/imagePlane';
import { pictureAt } from '../imaging/placement';
import { visibleCells } from './layout';
import { type Anchor, anchoredIndex, correspondingIndex, isLinked, type LinkKind, type Shown } from './links';
import type { Cell, Reading } from './readingState';
import type { ImageView, ReaderView, ViewState } from './viewState';

function shownIn({ store }: Cell): Shown | undefined {
  const { series, index } = store.getState();
  return series && { frames: series.frames, index };
}

function seenIn({ store }: Cell): Seen | undefined {
  const { series, index, placement, mmPerPixel, shown } = store.getState();
  const frame = series?.frames[index];
  return frame && placement && shown ? { frame, placement, mmPerPixel } : undefined;
}

/** Where the reader linked what a viewport shows. */
function anchorIn({ store, cells }: Reading, cell: Cell): number | undefined {
  const place = cells.findIndex((candidate) => candidate.store === cell.store);
  const anchor: Anchor | undefined = store.getState().links.anchors[place];
  return anchor && anchor.series === cell.store.getState().series?.seriesInstanceUid ? anchor.index : undefined;
}

/** The frame of a viewport that belongs to what another shows: by the patient, or else by where the reader linked them. */
export function followingIndex(reading: Reading, cell: Cell, other: Cell): number | undefined {
  const [shown, present] = [shownIn(cell), shownIn(other)];
  if (!shown || !present) {
    return undefined;
  }
  const [from, to] = [anchorIn(reading, cell), anchorIn(reading, other)];
  return (
    correspondingIndex(shown, present) ??
    (from === undefined || to === undefined ? undefined : anchoredIndex(shown, from, present, to))
  );
}

/** Links the viewports in sight at the frames that they show now. */
export function linkHere({ store, cells }: Reading): void {
  const { layout, links } = store.getState();
  const anchors = visibleCells(layout).flatMap((place): [number, Anchor][] => {
    const { series, index } = cells[place]?.store.getState() ?? {};
    return series && index !== undefined ? [[place, { series: series.seriesInstanceUid, index }]] : [];
  });
  const kinds = links.kinds.includes('scroll') ? links.kinds : [...links.kinds, 'scroll' as const];
  store.setState({ links: { isOn: true, kinds, anchors: Object.fromEntries(anchors) } });
}

/** The other viewports in sight that show something. */
function others({ store, cells }: Reading, cell: Cell): (Cell & { readonly screen: ImageView })[] {
  return visibleCells(store.getState().layout).flatMap((place) => {
    const other = cells[place];
    return other?.screen && other !== cell && other.store.getState().series ? [{ ...other, screen: other.screen }] : [];
  });
}

function isLinkedIn({ store }: Reading, kind: LinkKind): boolean {
  return isLinked(store.getState().links, kind);
}

function scrollOthers(reading: Reading, cell: Cell): void {
  if (!isLinkedIn(reading, 'scroll')) {
    return;
  }
  for (const other of others(reading, cell)) {
    const index = followingIndex(reading, cell, other);
    if (index !== undefined) {
      other.screen.showFrame(index);
    }
  }
}

function alignOthers(reading: Reading, cell: Cell): void {
  const model = seenIn(cell);
  if (!model) {
    return;
  }
  for (const other of others(reading, cell)) {
    const before = isLinkedIn(reading, 'zoom') ? seenIn(other) : undefined;
    const factor = before && magnification(model, before);
    // A factor of next to nothing would still end the fitting to the viewport.
    if (factor !== undefined && Math.abs(Math.log(factor)) > 0.001) {
      other.screen.zoomBy(factor);
    }
    const after = isLinkedIn(reading, 'pan') ? seenIn(other) : undefined;
    const offset = after && shift(model, after);
    if (offset && Math.hypot(...offset) > 0.5) {
      other.screen.panBy(...offset);
    }
  }
}

/** The index at which a series opens in a viewport: where those are that it is linked with, or the first. */
export function openingIndex(reading: Reading, cell: Cell, frames: readonly Frame[]): number {
  if (!isLinkedIn(reading, 'scroll')) {
    return 0;
  }
  const opened = { frames, index: 0 };
  const indices = others(reading, cell).flatMap((other) => {
    const shown = shownIn(other);
    return (shown && correspondingIndex(shown, opened)) ?? [];
  });
  return indices[0] ?? 0;
}

/** Keeps the linked viewports at the place of the active one, however that is scrolled, until the function is called. */
export function keepScrolled(reading: Reading): () => void {
  const isActive = (cell: Cell) => reading.cells[reading.store.getState().layout.active] === cell;
  const stops = reading.cells.map((cell) =>
    cell.store.subscribe((state: ViewState, before: ViewState) => {
      if (state.index !== before.index && state.series === before.series && isActive(cell)) {
        scrollOthers(reading, cell);
      }
    }),
  );
  const stopLinks = reading.store.subscribe(({ links, layout }, before) => {
    const active = reading.cells[layout.active];
    if (active && links !== before.links && !isLinked(before.links, 'scroll')) {
      scrollOthers(reading, active);
    }
  });
  return () => {
    for (const stop of [...stops, stopLinks]) {
      stop();
    }
  };
}

/** What tools do to a viewport, done to those that are linked with it as well. */
export function linkedView(reading: Reading, cell: Cell, own: ImageView): ReaderView {
  const align = <Values extends unknown[]>(act: (...values: Values) => void) => {
    return (...values: Values) => {
      act(...values);
      alignOthers(reading, cell);
    };
  };
  /** Does something to the others that take part in the window: those of the same modality. */
  const shareWindow = (act: (other: ImageView) => void) => {
    const modality = cell.store.getState().series?.modality;
    if (isLinkedIn(reading, 'window')) {
      for (const other of others(reading, cell)) {
        if (other.store.getState().series?.modality === modality) {
          act(other.screen);
        }
      }
    }
  };
  /** The others have the window that comes of it, if another comes of it. */
  const sharingResult = <Values extends unknown[]>(act: (...values: Values) => void) => {
    return (...values: Values) => {
      const { window: before } = cell.store.getState();
      act(...values);
      const { window } = cell.store.getState();
      if (window && window !== before) {
        shareWindow((other) => other.setWindow(window));
      }
    };
  };
  const shareFit = () => {
    if (isLinkedIn(reading, 'zoom')) {
      for (const other of others(reading, cell)) {
        other.screen.fit();
      }
    }
  };
  return {
    get annotator() {
      // What is drawn is kept with the study that is read.
      const { series } = cell.store.getState();
      return series?.studyInstanceUid === reading.store.getState().study ? cell.annotator : undefined;
    },
    showFrame: (index) => own.showFrame(index),
    scrollBy: (steps) => own.scrollBy(steps),
    retry: () => own.retry(),
    setWindow: (window) => {
      own.setWindow(window);
      shareWindow((other) => other.setWindow(window));
    },
    dragWindow: sharingResult((dx, dy) => own.dragWindow(dx, dy)),
    windowBy: sharingResult((region) => own.windowBy(region)),
    outline: (region) => own.outline(region),
    showAutomaticWindow: () => {
      own.showAutomaticWindow();
      shareWindow((other) => other.showAutomaticWindow());
    },
    showImageWindow: (place) => {
      own.showImageWindow(place);
      shareWindow((other) => other.showImageWindow(place));
    },
    showFullRange: () => {
      own.showFullRange();
      shareWindow((other) => other.showFullRange());
    },
    magnify: (at, isCovered) => own.magnify(at, isCovered),
    invert: () => own.invert(),
    zoomBy: align((factor, at) => own.zoomBy(factor, at)),
    panBy: align((dx, dy) => own.panBy(dx, dy)),
    actualPixels: align(() => own.actualPixels()),
    fit: () => {
      own.fit();
      shareFit();
    },
    rotate: (degrees) => own.rotate(degrees),
    flip: (axis) => own.flip(axis),
    reset: () => {
      own.reset();
      shareFit();
      shareWindow((other) => other.showImageWindow());
    },
    setPlaying: (playing) => own.setPlaying(playing),
    setFrameRate: (rate) => own.setFrameRate(rate),
    pointAt: (at) => {
      if (own.pointAt) {
        own.pointAt(at);
        return;
      }
      const { series, index, placement } = cell.store.getState();
      const plane = planeOfFrame(series?.frames[index]);
      if (!plane || !placement) {
        return;
      }
      const { frameOfReferenceUid } = plane;
      const point = toPatient(plane, pictureAt(placement, at));
      reading.store.setState({ pointed: { frameOfReferenceUid, point } });
      for (const other of others(reading, cell)) {
        const shown = shownIn(other);
        const nearest = shown && nearestFrame(shown.frames, point, frameOfReferenceUid, shown.index);
        if (nearest) {
          other.screen.showFrame(nearest.index);
        }
      }
    },
  };
}
