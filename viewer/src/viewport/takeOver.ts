/**
 * Taking over from the page that the server made: the full viewer follows what is seen there until it shows the very
 * same, and then that page goes. How the study is hung is decided before, as if there were no such page.
 */
import { type StudyInstanceUid, seriesInstanceUid } from '../dicomweb/uid';
import { type Handover, placeOfPage, type Seen } from '../lite/handover';
import { activated, instanceOf, type Layout, singleViewport, stackOf, visibleCells, withContent } from './layout';
import type { Cell, Reading } from './readingState';
import { magnificationTo, offsetTo } from './seen';

/** Window, size and place, which are not a matter of loading. */
function look(cell: Cell, { window, field, isPlaying }: Seen): void {
  const { screen, store } = cell;
  if (window) {
    screen?.setWindow({ ...window, voiFunction: 'LINEAR' });
  }
  const before = store.getState().placement;
  if (field && before) {
    screen?.zoomBy(magnificationTo(field, before));
    const after = store.getState().placement;
    if (after) {
      screen?.panBy(...offsetTo(field, after));
    }
  }
  if (isPlaying) {
    screen?.setPlaying(true);
  }
}

/** The cell in sight that shows this image, in its series or by itself. */
function cellOf(layout: Layout, study: StudyInstanceUid, seen: Seen): number | undefined {
  return visibleCells(layout).find((place) => {
    const content = layout.cells[place];
    const instance = instanceOf(content);
    return (
      content?.kind === 'stack' &&
      content.study === study &&
      content.series === seen.series &&
      (instance === undefined || instance === seen.instance)
    );
  });
}

/**
 * What the reader went to is shown, whatever was hung: by itself if the study was hung just now, else in the active viewport
 * of the reader's own layout.
 */
function showChosen(reading: Reading, study: StudyInstanceUid, seen: Seen): boolean {
  const series = seriesInstanceUid(seen.series);
  if (series) {
    const { hanging } = reading.store.getState();
    reading.store.setState({ hanging: { ...hanging, chosen: undefined } });
    reading.arrange((present) =>
      withContent(
        hanging.chosen ? singleViewport : present,
        hanging.chosen ? 0 : present.active,
        stackOf(study, series),
      ),
    );
  }
  return series === undefined;
}

/** Brings the reading to where the page is; answers whether it is there. */
function follow(reading: Reading, study: StudyInstanceUid, seen: Seen): boolean {
  const { layout } = reading.store.getState();
  const there = cellOf(layout, study, seen);
  if (there === undefined && seen.isChosen) {
    return showChosen(reading, study, seen);
  }
  if (there !== undefined && there !== layout.active && seen.isChosen) {
    reading.arrange((present) => activated(present, there));
    return false;
  }
  const cell = reading.cells[there ?? layout.active];
  if (!cell) {
    return true;
  }
  const { series, shown, failure, index, placement } = cell.store.getState();
  if (there === undefined) {
    // Something else was hung, and nobody misses what the page opened with.
    return shown || failure !== undefined || layout.cells[layout.active] === undefined;
  }
  if (series?.seriesInstanceUid !== seen.series) {
    return false;
  }
  if (failure || series.frames.length === 0) {
    return true;
  }
  // Else it is where it opened, which may be where the study was left.
  const place = placeOfPage(seen.series, series.frames, 'chosen');
  if (place !== undefined && place !== index) {
    cell.screen?.showFrame(place);
    return false;
  }
  // Where it lies is known once it was drawn.
  const isReady = shown && (placement !== undefined || !seen.field);
  if (isReady) {
    look(cell, seen);
  }
  return isReady;
}

/** Follows the page of a study that is hung until it has gone; answers how to stop. */
export function takeOver(reading: Reading, study: StudyInstanceUid, page: Handover): () => void {
  let isFollowing = false;
  const step = () => {
    const seen = page.seen();
    // What is done here calls back.
    if (isFollowing || !seen) {
      return;
    }
    isFollowing = true;
    if (reading.store.getState().rendering === 'failed') {
      stop();
      page.fail();
    } else if (follow(reading, study, seen)) {
      stop();
      page.end();
    }
    isFollowing = false;
  };
  const stops = [
    page.subscribe(step),
    reading.store.subscribe(step),
    ...reading.cells.map(({ store }) => store.subscribe(step)),
  ];
  const stop = () => {
    for (const end of stops) {
      end();
    }
  };
  step();
  return stop;
}
