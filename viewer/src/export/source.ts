/** The images of the active viewport, as something that can be taken out. */
import type { OverlayPainter, Reading } from '../viewport/readingState';
import type { Developed, ImageView, OpenSeries, ViewState } from '../viewport/viewState';
import type { Drawings } from './drawn';

export interface Source {
  readonly series: OpenSeries;
  readonly state: ViewState;
  readonly develop: NonNullable<ImageView['develop']>;
  /** What is drawn on images of the study, as it was then; undefined while nothing is. */
  readonly drawings: Drawings | undefined;
  /** Draws the segments and structures that lie over its images, if they are shown. */
  readonly paint: OverlayPainter | undefined;
}

/** What a viewport shows, if it is shown and can be taken out. */
export function sourceOf(reading: Reading, place: number): Source | undefined {
  const cell = reading.cells[place];
  const state = cell?.store.getState();
  const screen = cell?.screen;
  return screen?.develop && state?.series && state.shown
    ? {
        series: state.series,
        state,
        develop: screen.develop.bind(screen),
        drawings: drawingsOf(reading),
        paint: cell?.paintOverlays,
      }
    : undefined;
}

function drawingsOf({ store }: Reading): Drawings | undefined {
  const { marks, foreign, areShown } = store.getState().annotations?.desk.store.getState() ?? {};
  const isAny = marks && foreign && marks.annotations.length + marks.keyImages.length + foreign.length > 0;
  return isAny ? { marks, foreign, areShown: areShown ?? true } : undefined;
}

/** How the server names a picture. */
export function nameOf({ series, frame }: Pick<Developed, 'series' | 'frame'>) {
  return { series: series.seriesInstanceUid, instance: frame.sopInstanceUid, frame: frame.frameNumber };
}

/** A side of a picture that is looked at on a screen has at least so many pixels. */
export const leastPixels = 1600;
