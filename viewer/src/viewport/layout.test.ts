import { describe, expect, it } from 'vitest';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import {
  activated,
  activeContent,
  type Content,
  filled,
  type Layout,
  pruned,
  showing,
  singleViewport,
  visibleCells,
  withBeside,
  withContent,
  withGrid,
  withNextActive,
  withOneUp,
} from './layout';

const content = (series: string): Content => ({
  kind: 'stack',
  study: '1' as StudyInstanceUid,
  series: series as SeriesInstanceUid,
});
const [a, b, c, d, e] = ['1.1', '1.2', '1.3', '1.4', '1.5'].map(content) as [
  Content,
  Content,
  Content,
  Content,
  Content,
];
const series = (layout: Layout) => layout.cells.map((cell) => cell?.series);

describe('a grid', () => {
  it('grows with what is not in sight yet, and keeps what is there', () => {
    const one = filled(singleViewport, [a, b, c]);
    expect(series(one)).toEqual(['1.1']);
    const four = filled(withGrid(one, 2, 2), [a, b, c]);
    expect(series(four)).toEqual(['1.1', '1.2', '1.3', undefined]);
    expect(visibleCells(four)).toEqual([0, 1, 2, 3]);
  });

  it('has what it had when it shrinks and grows again', () => {
    const four = filled(withGrid(singleViewport, 2, 2), [a, b, c, d]);
    const two = withGrid(four, 1, 2);
    expect(visibleCells(two)).toEqual([0, 1]);
    expect(series(filled(withGrid(two, 2, 2), [a, b, c, d, e]))).toEqual(series(four));
  });

  it('keeps what the reader looks at in sight when it shrinks', () => {
    const four = activated(filled(withGrid(singleViewport, 2, 2), [a, b, c, d]), 2);
    const one = withGrid(four, 1, 1);
    expect(activeContent(one)).toEqual(c);
    expect(series(withGrid(one, 2, 2))).toEqual(['1.3', '1.2', '1.1', '1.4']);
  });

  it('is never smaller than one viewport or larger than four by four', () => {
    expect(withGrid(singleViewport, 0, 9)).toMatchObject({ rows: 1, columns: 4 });
  });
});

describe('one-up', () => {
  const two = filled(withGrid(singleViewport, 1, 2), [a, b]);

  it('shows one cell alone and the grid again', () => {
    const alone = withOneUp(two, 1);
    expect(visibleCells(alone)).toEqual([1]);
    expect(visibleCells(withOneUp(alone, 1))).toEqual([0, 1]);
  });

  it('does nothing where there is one viewport', () => expect(withOneUp(singleViewport, 0)).toBe(singleViewport));

  it('hands its place to the next', () => expect(visibleCells(withNextActive(withOneUp(two, 1), 1))).toEqual([0]));
});

describe('the active cell', () => {
  it('is the one something is put into', () => {
    const layout = withContent(withGrid(singleViewport, 2, 2), 3, a);
    expect(layout.active).toBe(3);
    expect(series(layout)).toEqual([undefined, undefined, undefined, '1.1']);
  });

  it('is a visible one', () => expect(activated(singleViewport, 5)).toBe(singleViewport));

  it('goes round', () => {
    const two = withGrid(singleViewport, 1, 2);
    expect(withNextActive(two, -1).active).toBe(1);
    expect(withNextActive(withNextActive(two, 1), 1).active).toBe(0);
  });
});

it('what is asked for is found where it is, or put into the active cell', () => {
  const two = filled(withGrid(singleViewport, 1, 2), [a, b]);
  expect(showing(two, b)).toMatchObject({ active: 1, cells: [a, b] });
  expect(showing(two, c)).toMatchObject({ active: 0, cells: [c, b] });
});

describe('one object of a series', () => {
  const video: Content = { ...a, kind: 'video', instance: '1.1.9' as SopInstanceUid };
  const shown = withContent(filled(withGrid(singleViewport, 1, 2), [a, b]), 0, video);

  it('stays when its series is asked for', () =>
    expect(showing(shown, a)).toMatchObject({ active: 0, cells: [video, b] }));

  it('keeps its series from being shown a second time', () =>
    expect(series(filled(withGrid(shown, 1, 3), [a, b, c]))).toEqual(['1.1', '1.2', '1.3']));
});

it('what is gone leaves its place empty', () => {
  const two = filled(withGrid(singleViewport, 1, 2), [a, b]);
  expect(series(pruned(two, ({ series: uid }) => uid === b.series))).toEqual([undefined, '1.2']);
  expect(pruned(two, () => true)).toBe(two);
});

describe('what a report refers to', () => {
  const two = withContent(withContent(withGrid(singleViewport, 1, 2), 0, a), 1, b);

  it('is shown beside it', () => expect(withBeside(two, 1, c)).toMatchObject({ cells: [c, b], active: 0 }));

  it('is shown where its series is in sight already', () => {
    const three = withContent(withGrid(two, 1, 3), 2, c);
    expect(withBeside(three, 1, c)).toMatchObject({ cells: [a, b, c], active: 2 });
  });

  it('takes the place of the report if there is no other', () =>
    expect(withBeside(withContent(singleViewport, 0, a), 0, c)).toMatchObject({ cells: [c], active: 0 }));
});
