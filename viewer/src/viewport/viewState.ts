/**
 * What one viewport shows, outside React: Cornerstone writes it, components and tools read it. Kept free of
 * Cornerstone so that the page, its labels and the preview are there before the engine is.
 */
import { createStore } from 'zustand/vanilla';
import type { AnnotationKind } from '../annotations/model';
import type { DataSet } from '../dicomweb/dataSet';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import type { CaptureArea } from '../imaging/capture';
import type { Frame } from '../imaging/frames';
import type { PicturePoint } from '../imaging/imagePlane';
import type { EdgeLetters } from '../imaging/orientation';
import type { Placement, ScreenPoint, ScreenRegion } from '../imaging/placement';
import type { Extent } from '../imaging/posture';
import type { PictureValues } from '../imaging/statistics';
import type { VoiWindow } from '../imaging/window';
import type { Dragging } from '../tools/types';

/** Why a frame is not on the screen. */
export interface FrameFailure {
  readonly kind: 'network' | 'refused' | 'missing' | 'server' | 'decode';
  readonly status?: number;
}

/** Of a frame in the stack: not here, here, or failed. */
export const FrameState = { absent: 0, loaded: 1, failed: 2 } as const;

/** A series with its frames in display order. */
export interface OpenSeries {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly modality: string;
  readonly frames: readonly Frame[];
  readonly frameRate: number | undefined;
}

export interface ViewState {
  readonly series: OpenSeries | undefined;
  readonly index: number;
  /** Whether the frame at `index` is on the screen. */
  readonly shown: boolean;
  /** Whether any frame of the series has been on the screen: until then the preview stands in. */
  readonly everShown: boolean;
  readonly failure: FrameFailure | undefined;
  readonly frameStates: Uint8Array;
  readonly loadedCount: number;
  readonly window: VoiWindow | undefined;
  readonly inverted: boolean;
  readonly zoomPercent: number | undefined;
  readonly letters: EdgeLetters | undefined;
  readonly mmPerPixel: number | undefined;
  /** Where the frame lies in the viewport. */
  readonly placement: Placement | undefined;
  /** What is fitted to the area in place of the picture, so that several pictures are of one size. */
  readonly extent: Extent | undefined;
  /** What the hand is drawing a rectangle around. */
  readonly outlined: ScreenRegion | undefined;
  readonly playing: boolean;
  readonly frameRate: number;
}

export const initialViewState: ViewState = {
  series: undefined,
  index: 0,
  shown: false,
  everShown: false,
  failure: undefined,
  frameStates: new Uint8Array(),
  loadedCount: 0,
  window: undefined,
  inverted: false,
  zoomPercent: undefined,
  letters: undefined,
  mmPerPixel: undefined,
  placement: undefined,
  extent: undefined,
  outlined: undefined,
  playing: false,
  frameRate: 10,
};

export type ViewStore = ReturnType<typeof createViewStore>;

/** A new store, one for each viewport. */
export function createViewStore() {
  return createStore<ViewState>()(() => initialViewState);
}

/** A picture that was made of a viewport for paper or a file. */
export interface Developed {
  readonly canvas: HTMLCanvasElement;
  readonly series: OpenSeries;
  readonly index: number;
  readonly frame: Frame;
  /** How the image lies on the canvas. */
  readonly placement: Placement;
  readonly window: VoiWindow | undefined;
}

/** How a picture lies: turned clockwise, then flipped, with an area of it as large as it fits. */
export interface Arrangement {
  readonly isInverted: boolean;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly isFlipped: boolean;
  /** In columns and rows; undefined if all of the picture is shown. */
  readonly area:
    | {
        readonly topLeft: PicturePoint;
        readonly bottomRight: PicturePoint;
        /** Pixels of the screen for one of the picture, in place of as many as fit. */
        readonly magnification: number | undefined;
      }
    | undefined;
}

/** How a frame is shown in place of what its image says. */
export interface Presented {
  /** The image's own, if it has none. */
  readonly window: VoiWindow | undefined;
  readonly arrangement: Arrangement;
}

/** How a picture lies in its viewport. */
export interface Stance {
  readonly turned: { readonly rotation: number; readonly flipHorizontal: boolean; readonly flipVertical: boolean };
  /** What is in the middle, and how many columns of it a pixel of the screen is; none while the picture is fitted. */
  readonly looked?: { readonly middle: PicturePoint; readonly step: number };
}

/** What the reader did to a series: enough to show it so again. */
export interface KeptView extends Stance {
  readonly index: number;
  /** The one that was chosen; without it each image has its own. */
  readonly window?: Pick<VoiWindow, 'center' | 'width' | 'voiFunction'>;
  readonly windowPlace: number;
  readonly inverted: boolean;
}

export interface ViewedPlace {
  readonly series: SeriesInstanceUid;
  readonly view: KeptView;
}

/** What can be done to the picture of one viewport. */
export interface ImageView {
  showFrame(index: number): void;
  scrollBy(steps: number): void;
  retry(): void;
  setWindow(window: VoiWindow): void;
  /** Widens and brightens by a hand movement. */
  dragWindow(dx: number, dy: number): void;
  /** Back to the window each image names; of several to the first, or to that of this place. */
  showImageWindow(place?: number): void;
  /** From the darkest to the brightest value of the frame. */
  showFullRange(): void;
  /** From the dark to the bright values of the frame, without the few extreme ones. */
  showAutomaticWindow(): void;
  /** The same of the values in a part of the frame. */
  windowBy(region: ScreenRegion): void;
  outline(region: ScreenRegion | undefined): void;
  /** Shows what is at this point larger, or no longer; beside it, if a finger covers it. */
  magnify(at: ScreenPoint | undefined, isCovered?: boolean): void;
  invert(): void;
  zoomBy(factor: number, at?: readonly [number, number]): void;
  panBy(dx: number, dy: number): void;
  fit(): void;
  actualPixels(): void;
  rotate(degrees: 90 | -90): void;
  flip(axis: 'horizontal' | 'vertical'): void;
  reset(): void;
  setPlaying(playing: boolean): void;
  setFrameRate(rate: number): void;
  /**
   * Makes a picture of an image of the series as it is shown now, or would be. None where the viewport shows something that
   * cannot be taken out.
   */
  develop?(index: number, area: CaptureArea, leastPixels: number): Promise<Developed>;
  /** Shows frames as they are presented by another than their image, and until it is told otherwise; undefined: as the image says. */
  present?(presented: ((frame: Frame) => Presented | undefined) | undefined): void;
  /** Its own way to point at the patient, where what it shows is no frame. */
  pointAt?(at: ScreenPoint): void;
  /** What the reader did to the series that is open; none before it is shown, or where there is none. */
  kept?(): KeptView | undefined;
  /** The modality values of the frame that is shown; undefined if it has colours, or is no frame. */
  values?(): PictureValues | undefined;
}

/** The hand of a viewport that draws annotations. */
export interface Annotator {
  press(kind: AnnotationKind, at: ScreenPoint): void;
  drag(at: ScreenPoint): void;
  release(at: ScreenPoint, isDone: boolean): void;
  /** The hand moves and holds nothing. */
  hover(at: ScreenPoint): void;
  /** What the hand takes hold of at this element of the picture, rather than what it would do else. */
  grab(target: Element, drawsOtherwise: boolean): Dragging | undefined;
  toggleKeyImage(): void;
}

/** What tools can do: to the picture of a viewport and to those that are linked with it. */
export interface ReaderView extends ImageView {
  /** Marks the point of the patient under this point of the viewport, wherever it can be seen. */
  pointAt(at: ScreenPoint): void;
  /** Comes after the first picture. */
  readonly annotator: Annotator | undefined;
}

/** A viewport's picture as the page sees it: series are opened in it. */
export interface Screen extends ImageView {
  open(series: OpenSeries, metadata: readonly DataSet[], index: number, kept?: KeptView): void;
  /** Nothing is shown any more. */
  clear(): void;
  destroy(): void;
}
