import { describe, expect, it, vi } from 'vitest';
import { frameOfReferenceUid, type SeriesInstanceUid, type StudyInstanceUid } from '../dicomweb/uid';
import type { Frame } from '../imaging/frames';
import { aFrame } from '../imaging/testFrame';
import { singleViewport, withGrid } from './layout';
import { keepScrolled, linkedView, linkHere, openingIndex } from './linking';
import { createReading } from './readingState';
import { initialViewState, type Screen } from './viewState';

const axial = (z: number): Frame =>
  aFrame({
    frameOfReferenceUid: frameOfReferenceUid('1.2'),
    position: [0, 0, z],
    plane: { row: [1, 0, 0], column: [0, 1, 0] },
    spacing: { rowMm: 1, columnMm: 1, source: 'patient' },
    rows: 100,
    columns: 100,
  });
const sagittal = (x: number): Frame => ({
  ...axial(0),
  position: [x, 0, 0],
  plane: { row: [0, 1, 0], column: [0, 0, -1] },
});

/** Three viewports beside each other: axial every 10 mm, axial every 5 mm, sagittal. */
function reading() {
  const page = createReading('1' as StudyInstanceUid, withGrid(singleViewport, 1, 3));
  const stacks = [
    Array.from({ length: 5 }, (_, at) => axial(at * 10)),
    Array.from({ length: 9 }, (_, at) => axial(at * 5)),
    Array.from({ length: 5 }, (_, at) => sagittal(at * 10)),
  ];
  const screens = stacks.map((frames, place) => {
    const cell = page.cells[place];
    if (!cell) {
      throw new Error('no such cell');
    }
    const screen = {
      showFrame: vi.fn((index: number) => cell.store.setState({ index })),
      setWindow: vi.fn(),
      dragWindow: vi.fn(),
      windowBy: vi.fn(),
      showAutomaticWindow: vi.fn(),
      zoomBy: vi.fn(),
      panBy: vi.fn(),
      fit: vi.fn(),
    };
    cell.screen = screen as unknown as Screen;
    cell.store.setState({
      ...initialViewState,
      shown: true,
      series: {
        studyInstanceUid: '1' as StudyInstanceUid,
        seriesInstanceUid: `1.${place}` as SeriesInstanceUid,
        modality: place === 2 ? 'CT' : 'MR',
        frames,
        frameRate: undefined,
      },
      window: { center: 40, width: 400, voiFunction: 'LINEAR' },
      mmPerPixel: 1,
      placement: { corner: [0, 0], right: [1, 0], down: [0, 1], width: 100, height: 100 },
    });
    return screen;
  });
  const [first] = page.cells;
  if (!first || !screens[0]) {
    throw new Error('no cells');
  }
  const view = linkedView(page, first, first.screen as Screen);
  const link = (...kinds: ('scroll' | 'window' | 'zoom' | 'pan')[]) =>
    page.store.setState({ links: { isOn: true, kinds, anchors: {} } });
  return { page, first, screens, view, link };
}

describe('linked scrolling', () => {
  it('takes parallel viewports to the nearest plane, and leaves the others', () => {
    const { page, first, screens, link } = reading();
    keepScrolled(page);
    first.store.setState({ index: 2 });
    expect(screens[1]?.showFrame).not.toHaveBeenCalled();
    link('scroll');
    expect(screens[1]?.showFrame).toHaveBeenLastCalledWith(4);
    first.store.setState({ index: 3 });
    expect(screens[1]?.showFrame).toHaveBeenLastCalledWith(6);
    expect(screens[2]?.showFrame).not.toHaveBeenCalled();
  });

  it('is led by the active viewport alone, and ends', () => {
    const { page, first, screens, link } = reading();
    const stop = keepScrolled(page);
    link('scroll');
    page.cells[1]?.store.setState({ index: 8 });
    expect(screens[0]?.showFrame).not.toHaveBeenCalled();
    stop();
    first.store.setState({ index: 1 });
    expect(screens[1]?.showFrame).not.toHaveBeenCalledWith(2);
  });

  it('opens a series where the others are', () => {
    const { page, link } = reading();
    const [, second, third] = page.cells;
    if (!second || !third) {
      throw new Error('no cells');
    }
    page.cells[0]?.store.setState({ index: 4 });
    second.store.setState({ series: undefined });
    const frames = Array.from({ length: 9 }, (_, at) => axial(at * 5));
    expect(openingIndex(page, second, frames)).toBe(0);
    link('scroll');
    expect(openingIndex(page, second, frames)).toBe(8);
    expect(openingIndex(page, second, [sagittal(0)])).toBe(0);
  });
});

describe('linked tools', () => {
  it('change one viewport only while nothing is linked', () => {
    const { screens, view } = reading();
    view.zoomBy(2);
    view.setWindow({ center: 1, width: 2, voiFunction: 'LINEAR' });
    expect(screens[0]?.zoomBy).toHaveBeenCalledWith(2, undefined);
    expect(screens[1]?.zoomBy).not.toHaveBeenCalled();
    expect(screens[1]?.setWindow).not.toHaveBeenCalled();
  });

  it('set the window of the same modality', () => {
    const { screens, view, link } = reading();
    link('window');
    const window = { center: 1, width: 2, voiFunction: 'LINEAR' } as const;
    view.setWindow(window);
    expect(screens[1]?.setWindow).toHaveBeenCalledWith(window);
    expect(screens[2]?.setWindow).not.toHaveBeenCalled();
    view.zoomBy(2);
    expect(screens[1]?.zoomBy).not.toHaveBeenCalled();
  });

  it('share the window that comes of a region, and leave each its own automatic one', () => {
    const { first, screens, view, link } = reading();
    link('window');
    const region = { from: [0, 0], to: [9, 9] } as const;
    view.windowBy(region);
    expect(screens[1]?.setWindow).not.toHaveBeenCalled();
    const window = { center: 1, width: 2, voiFunction: 'LINEAR' } as const;
    screens[0]?.windowBy.mockImplementation(() => first.store.setState({ window }));
    view.windowBy(region);
    expect(screens[1]?.setWindow).toHaveBeenCalledWith(window);
    expect(screens[1]?.windowBy).not.toHaveBeenCalled();
    view.showAutomaticWindow();
    expect(screens[1]?.showAutomaticWindow).toHaveBeenCalledOnce();
    expect(screens[2]?.showAutomaticWindow).not.toHaveBeenCalled();
  });

  it('bring the others to the size and the place of the active one', () => {
    const { first, screens, view, link } = reading();
    link('zoom', 'pan');
    screens[0]?.zoomBy.mockImplementation(() =>
      first.store.setState({
        mmPerPixel: 0.5,
        placement: { corner: [20, 0], right: [0.5, 0], down: [0, 0.5], width: 100, height: 100 },
      }),
    );
    view.zoomBy(2);
    expect(screens[1]?.zoomBy).toHaveBeenCalledWith(2);
    // 45, 25 is in the middle of the first now, and 50, 50 in that of the second.
    expect(screens[1]?.panBy).toHaveBeenCalledWith(5, 25);
    view.fit();
    expect(screens[1]?.fit).toHaveBeenCalledOnce();
  });
});

describe('pointing', () => {
  it('takes all viewports of the Frame of Reference to the point, parallel or not', () => {
    const { page, first, screens, view } = reading();
    first.store.setState({ index: 3 });
    view.pointAt([21, 55]);
    expect(page.store.getState().pointed).toEqual({ frameOfReferenceUid: '1.2', point: [21, 55, 30] });
    expect(screens[1]?.showFrame).toHaveBeenLastCalledWith(6);
    expect(screens[2]?.showFrame).toHaveBeenLastCalledWith(2);
  });
});

describe('linked where they are', () => {
  /** The second viewport shows the same, of another examination that begins 7 mm further up and tilted a little. */
  function twoExaminations() {
    const { page, first, screens } = reading();
    const second = page.cells[1];
    const series = second?.store.getState().series;
    if (!second || !series) {
      throw new Error('no cells');
    }
    const other = series.frames.map((frame) => ({
      ...frame,
      frameOfReferenceUid: frameOfReferenceUid('1.9'),
      plane: { row: [1, 0, 0], column: [0, Math.cos(0.1), Math.sin(0.1)] } as const,
    }));
    second.store.setState({ series: { ...series, frames: other }, index: 3 });
    keepScrolled(page);
    return { page, first, second, screens };
  }

  it('viewports of different Frames of Reference keep their distance in millimetres', () => {
    const { page, first, second } = twoExaminations();
    linkHere(page);
    expect(second.store.getState().index).toBe(3);
    first.store.setState({ index: 2 });
    // 20 mm on are four slices of 5 mm.
    expect(second.store.getState().index).toBe(7);
    first.store.setState({ index: 0 });
    expect(second.store.getState().index).toBe(3);
  });

  it('they do not go together before, nor with another plane', () => {
    const { page, first, second, screens } = twoExaminations();
    page.store.setState({ links: { isOn: true, kinds: ['scroll'], anchors: {} } });
    first.store.setState({ index: 2 });
    expect(second.store.getState().index).toBe(3);
    linkHere(page);
    first.store.setState({ index: 3 });
    expect(screens[2]?.showFrame).not.toHaveBeenCalled();
  });

  it('another series in a viewport is not linked any more', () => {
    const { page, first, second } = twoExaminations();
    linkHere(page);
    const series = second.store.getState().series;
    if (series) {
      second.store.setState({ series: { ...series, seriesInstanceUid: '1.77' as SeriesInstanceUid } });
    }
    first.store.setState({ index: 2 });
    expect(second.store.getState().index).toBe(3);
  });

  it('without geometry they go frame by frame, as far as there are frames', () => {
    const { page, first, second } = twoExaminations();
    const series = second.store.getState().series;
    if (series) {
      second.store.setState({ series: { ...series, frames: series.frames.slice(0, 5).map(() => aFrame({})) } });
    }
    linkHere(page);
    first.store.setState({ index: 1 });
    expect(second.store.getState().index).toBe(4);
    first.store.setState({ index: 4 });
    expect(second.store.getState().index).toBe(4);
  });
});
