/** Showing the image of an annotation in the active viewport, whatever that shows now. */
import type { StudyInstanceUid } from '../dicomweb/uid';
import { stackOf, visibleCells, withContent } from '../viewport/layout';
import type { Cell, Reading } from '../viewport/readingState';
import type { ViewState } from '../viewport/viewState';
import { type ImageReference, isSameImage, referenceTo } from './model';

function indexOf({ series }: ViewState, image: ImageReference): number {
  return series?.frames.findIndex((frame) => isSameImage(referenceTo(series, frame), image)) ?? -1;
}

function showFrame(cell: Cell, image: ImageReference): boolean {
  const index = indexOf(cell.store.getState(), image);
  if (index < 0) {
    return false;
  }
  cell.screen?.showFrame(index);
  return true;
}

/** The frame of an image that a viewport has open, in sight or not. */
export function frameOf({ cells }: Reading, image: ImageReference) {
  for (const { store } of cells) {
    const state = store.getState();
    const index = indexOf(state, image);
    if (index >= 0) {
      return state.series?.frames[index];
    }
  }
  return undefined;
}

/** In the viewport that has its series, the active one first; else in the active one, once that has it. */
export function goTo(reading: Reading, study: StudyInstanceUid, image: ImageReference): void {
  const { layout } = reading.store.getState();
  const places = [layout.active, ...visibleCells(layout)];
  const isThere = places.some((place) => {
    const cell = reading.cells[place];
    return cell !== undefined && showFrame(cell, image);
  });
  const active = reading.cells[layout.active];
  if (isThere || !active) {
    return;
  }
  reading.arrange((present) => withContent(present, present.active, stackOf(study, image.seriesInstanceUid)));
  const stop = active.store.subscribe((state, before) => {
    // Whatever opens there next: if it is something else, the reader went on.
    if (state.series !== before.series && state.series) {
      stop();
      showFrame(active, image);
    }
  });
}
