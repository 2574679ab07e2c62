import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SeriesInstanceUid, type SopInstanceUid, type StudyInstanceUid, sopInstanceUid } from '../dicomweb/uid';
import { builtInProtocols } from '../hanging/builtIn';
import { aFrame } from '../imaging/testFrame';
import { type Handover, offer, type Seen } from '../lite/handover';
import { activeContent, type Content, type Layout, singleViewport, stackOf } from './layout';
import { createReading, type Reading } from './readingState';
import { takeOver } from './takeOver';
import type { Screen } from './viewState';

const study = '1' as StudyInstanceUid;
const frontal = '1.1' as SeriesInstanceUid;
const lateral = '1.2' as SeriesInstanceUid;

const opening: Seen = {
  study,
  series: frontal,
  instance: '1.1.1',
  frame: 1,
  window: undefined,
  field: undefined,
  isPlaying: false,
  isChosen: false,
};

function layoutOf(...cells: Content[]): Layout {
  return { ...singleViewport, columns: cells.length, cells, keepsEmpty: true };
}

/** A study that is hung so; its viewports show nothing yet. */
function hung(layout: Layout): Reading {
  const reading = createReading(study, layout);
  const [protocol] = builtInProtocols;
  if (!protocol) {
    throw new Error('no protocol');
  }
  reading.store.setState(({ hanging }) => ({ hanging: { ...hanging, chosen: { protocol, stage: 0 } } }));
  for (const cell of reading.cells) {
    cell.screen = {
      showFrame: vi.fn((index: number) => cell.store.setState({ index, shown: true })),
      setWindow: vi.fn(),
      zoomBy: vi.fn(),
      panBy: vi.fn(),
    } as unknown as Screen;
  }
  return reading;
}

/** A viewport has got three frames of a series, and shows the first. */
function shows(reading: Reading, place: number, series: SeriesInstanceUid): void {
  const frames = [1, 2, 3].map((at) => aFrame({ sopInstanceUid: `${series}.${at}` as SopInstanceUid }));
  reading.cells[place]?.store.setState({
    shown: true,
    index: 0,
    series: { studyInstanceUid: study, seriesInstanceUid: series, modality: 'CR', frames, frameRate: undefined },
  });
}

/** A page on which this is seen. */
function pageThatShows(seen: Seen) {
  const listeners = new Set<() => void>();
  let present = seen;
  const page = {
    study,
    asked: undefined,
    seen: () => present,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    end: vi.fn(),
    fail: vi.fn(),
    change: (change: Partial<Seen>) => {
      present = { ...present, ...change };
      for (const listener of listeners) {
        listener();
      }
    },
  } satisfies Handover & { change(change: Partial<Seen>): void };
  offer(page);
  return page;
}

afterEach(() => offer(undefined));

describe('taking over from the page of the server', () => {
  it('leaves what was hung as it is, and waits for the viewport in which the picture of the page lands', () => {
    const layout = layoutOf(stackOf(study, lateral), stackOf(study, frontal));
    const reading = hung(layout);
    const page = pageThatShows({ ...opening, window: { center: 40, width: 80 } });
    takeOver(reading, study, page);
    shows(reading, 0, lateral);
    expect(page.end).not.toHaveBeenCalled();
    page.change({ window: { center: 50, width: 90 } });
    shows(reading, 1, frontal);
    expect(page.end).toHaveBeenCalledOnce();
    expect(reading.store.getState().layout).toBe(layout);
    expect(reading.cells[1]?.screen?.setWindow).toHaveBeenCalledWith({ center: 50, width: 90, voiFunction: 'LINEAR' });
    expect(reading.cells[0]?.screen?.setWindow).not.toHaveBeenCalled();
  });

  it('goes to the image and the viewport that the reader went to', () => {
    const reading = hung(layoutOf(stackOf(study, lateral), stackOf(study, frontal)));
    const page = pageThatShows({ ...opening, instance: '1.1.3', isChosen: true });
    takeOver(reading, study, page);
    shows(reading, 1, frontal);
    expect(reading.store.getState().layout.active).toBe(1);
    expect(reading.cells[1]?.screen?.showFrame).toHaveBeenCalledWith(2);
    page.change({});
    expect(page.end).toHaveBeenCalledOnce();
  });

  it('waits until it is known where the picture lies, if the reader zoomed or moved it', () => {
    const reading = hung(layoutOf(stackOf(study, frontal)));
    const page = pageThatShows({ ...opening, field: { middle: [10, 10], half: 8 }, isChosen: true });
    takeOver(reading, study, page);
    shows(reading, 0, frontal);
    expect(page.end).not.toHaveBeenCalled();
    const placement = { corner: [-0.5, -0.5], right: [0.1, 0], down: [0, 0.1], width: 320, height: 320 } as const;
    reading.cells[0]?.store.setState({ placement });
    expect(reading.cells[0]?.screen?.zoomBy).toHaveBeenCalledWith(2);
    expect(page.end).toHaveBeenCalledOnce();
  });

  it('finds an image that is hung by itself', () => {
    const image = (at: number) => stackOf(study, frontal, sopInstanceUid(`1.1.${at}`));
    const reading = hung(layoutOf(image(1), image(2)));
    takeOver(reading, study, pageThatShows({ ...opening, instance: '1.1.2', isChosen: true }));
    expect(reading.store.getState().layout.active).toBe(1);
  });

  it('shows by itself what the reader went to if it was not hung', () => {
    const reading = hung(layoutOf(stackOf(study, lateral), stackOf(study, lateral)));
    const page = pageThatShows({ ...opening, isChosen: true });
    takeOver(reading, study, page);
    const { layout, hanging } = reading.store.getState();
    expect([layout.rows, layout.columns, activeContent(layout)]).toEqual([1, 1, stackOf(study, frontal)]);
    expect(hanging.chosen).toBeUndefined();
    shows(reading, 0, frontal);
    expect(page.end).toHaveBeenCalledOnce();
  });

  it('goes to it in the active viewport of a layout of the reader’s own', () => {
    const reading = createReading(study, layoutOf(stackOf(study, lateral), stackOf(study, lateral)));
    takeOver(reading, study, pageThatShows({ ...opening, isChosen: true }));
    const { layout } = reading.store.getState();
    expect([layout.columns, ...layout.cells]).toEqual([2, stackOf(study, frontal), stackOf(study, lateral)]);
  });

  it('lets go of what nobody chose and was not hung', () => {
    const reading = hung(layoutOf(stackOf(study, lateral)));
    const page = pageThatShows(opening);
    takeOver(reading, study, page);
    expect(page.end).not.toHaveBeenCalled();
    shows(reading, 0, lateral);
    expect(page.end).toHaveBeenCalledOnce();
    expect(activeContent(reading.store.getState().layout)).toEqual(stackOf(study, lateral));
  });

  it('stays where nothing can be drawn', () => {
    const reading = hung(layoutOf(stackOf(study, frontal)));
    const page = pageThatShows(opening);
    takeOver(reading, study, page);
    reading.store.setState({ rendering: 'failed' });
    expect([page.fail.mock.calls.length, page.end.mock.calls.length]).toEqual([1, 0]);
  });
});
