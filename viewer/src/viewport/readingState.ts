/** What holds for all viewports of the study page together, and the viewports themselves; outside React as they are. */
import { createStore } from 'zustand/vanilla';
import type { AnnotationTable } from '../annotations/table';
import type { FrameOfReferenceUid, InstanceAddress, SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { type Hanging, nothingToHang } from '../hanging/hanging';
import type { Placement } from '../imaging/placement';
import type { Vector3 } from '../imaging/vector';
import type { VolumeRefusal } from '../imaging/volumeGeometry';
import { type Layout, largestGrid } from './layout';
import { type Links, noLinks } from './links';
import { type Annotator, createViewStore, type ImageView, type ViewedPlace, type ViewStore } from './viewState';

/** How pictures are drawn. */
export type Rendering = 'starting' | 'gpu' | 'cpu' | 'failed';

/** A point in the patient that the reader points at. */
export interface PointedAt {
  readonly frameOfReferenceUid: FrameOfReferenceUid;
  readonly point: Vector3;
}

/** Translation keys below `volume.end.`; `notLoaded` is known without the texts of volumes. */
export type VolumeEnd = VolumeRefusal | 'tooLarge' | 'noWebGl2' | 'noMemory' | 'lost' | 'notLoaded';

/** A series that is looked at as a volume, from the frame that was shown of it. */
export interface VolumeSource {
  readonly study: StudyInstanceUid;
  readonly series: SeriesInstanceUid;
  readonly index: number;
}

export interface ReadingState {
  /** The one that is read; others of the patient may be shown beside it. */
  readonly study: StudyInstanceUid;
  /** What the reader may do, in the words of the server. */
  readonly acts: readonly string[];
  readonly layout: Layout;
  readonly rendering: Rendering;
  /** The graphics card gave up and drawing went on without it. */
  readonly contextLost: boolean;
  readonly toolId: string;
  readonly labelsShown: boolean;
  readonly links: Links;
  /** Whether the other viewports show where the active one cuts them. */
  readonly referenceLinesShown: boolean;
  readonly pointed: PointedAt | undefined;
  /** Whether segments and structures lie over the pictures. */
  readonly overlaysShown: boolean;
  /** Whose attributes are shown. */
  readonly inspected: InstanceAddress | undefined;
  /** Come after the first picture. */
  readonly annotations: AnnotationTable | undefined;
  /** Whether they are listed at the side. */
  readonly annotationsListed: boolean;
  /** Planes through this volume lie over the layout, which stays as it is below. */
  readonly volume: VolumeSource | undefined;
  /** Why there is no volume to look at, or no longer. */
  readonly volumeEnd: VolumeEnd | undefined;
  readonly hanging: Hanging;
  /** What could not be done just now. */
  readonly trouble: 'noPrior' | undefined;
}

/** Draws what lies over an image of the series, as the image lies there. */
export type OverlayPainter = (context: CanvasRenderingContext2D, index: number, placement: Placement) => Promise<void>;

/** One place of the grid: its state, and its picture once the engine is there. */
export interface Cell {
  readonly store: ViewStore;
  screen: ImageView | undefined;
  annotator: Annotator | undefined;
  /** How its series was left, until it is opened. */
  left: ViewedPlace | undefined;
  /** While segments and structures are shown. */
  paintOverlays: OverlayPainter | undefined;
}

export type ReadingStore = ReturnType<typeof createReadingStore>;

function createReadingStore(study: StudyInstanceUid, layout: Layout) {
  return createStore<ReadingState>()(() => ({
    study,
    acts: [],
    layout,
    rendering: 'starting',
    contextLost: false,
    toolId: 'window',
    labelsShown: true,
    links: noLinks,
    referenceLinesShown: true,
    pointed: undefined,
    overlaysShown: false,
    inspected: undefined,
    annotations: undefined,
    annotationsListed: false,
    volume: undefined,
    volumeEnd: undefined,
    hanging: nothingToHang,
    trouble: undefined,
  }));
}

/** All there is to a study page that is being read. */
export interface Reading {
  readonly store: ReadingStore;
  readonly cells: readonly Cell[];
  arrange(change: (layout: Layout) => Layout): void;
}

export function createReading(
  study: StudyInstanceUid,
  layout: Layout,
  left: ReadonlyMap<number, ViewedPlace> = new Map(),
): Reading {
  const store = createReadingStore(study, layout);
  return {
    store,
    cells: Array.from({ length: largestGrid.rows * largestGrid.columns }, (_, place) => ({
      store: createViewStore(),
      screen: undefined,
      annotator: undefined,
      left: left.get(place),
      paintOverlays: undefined,
    })),
    arrange: (change) => {
      const { layout: before } = store.getState();
      const after = change(before);
      // The hand touches the active viewport at every turn of the wheel.
      if (after !== before) {
        store.setState({ layout: after });
      }
    },
  };
}
