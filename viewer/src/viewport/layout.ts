/**
 * What is shown where, as data: a grid of viewports, what each shows and which of them is active. Hanging protocols,
 * priors and reformats are further ways to make such data; nothing here knows how it is drawn.
 */
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import type { ShownObjectKind } from '../imaging/objects';

/** A series: as a stack of its frames, or as the list of what in it is no picture. */
interface WholeSeries {
  readonly kind: 'stack' | 'objects';
  readonly study: StudyInstanceUid;
  readonly series: SeriesInstanceUid;
  /** Where it opens; once, and not when it is there again. */
  readonly at?: PlaceInSeries;
}

/** One image of a series as a stack of its frames, such as one of four views in one series. */
interface SingleImage {
  readonly kind: 'stack';
  readonly study: StudyInstanceUid;
  readonly series: SeriesInstanceUid;
  readonly instance: SopInstanceUid;
}

/** An instance of a series, or a frame of it. */
export interface PlaceInSeries {
  readonly instance: SopInstanceUid;
  readonly frameNumber: number | undefined;
}

/** One object of a series by itself: a document, a report, a video. */
interface SingleObject {
  readonly kind: ShownObjectKind;
  readonly study: StudyInstanceUid;
  readonly series: SeriesInstanceUid;
  readonly instance: SopInstanceUid;
}

/** What a viewport shows. */
export type Content = WholeSeries | SingleImage | SingleObject;

/** A series as a stack, or one image of it; one that holds no pictures shows what it holds instead. */
export function stackOf(study: StudyInstanceUid, series: SeriesInstanceUid, instance?: SopInstanceUid): Content {
  return instance === undefined ? { kind: 'stack', study, series } : { kind: 'stack', study, series, instance };
}

/** The one instance that is meant, if it is not the whole series. */
export function instanceOf(content: Content | undefined): SopInstanceUid | undefined {
  return content && 'instance' in content ? content.instance : undefined;
}

export interface Layout {
  readonly rows: number;
  readonly columns: number;
  /** In reading order. Those beyond the grid keep what they showed until the grid grows again. */
  readonly cells: readonly (Content | undefined)[];
  /** The cell that tools, keys and the list of series act on; always a visible one. */
  readonly active: number;
  /** The active cell has the whole area to itself for a while. */
  readonly isOneUp: boolean;
  /** Empty cells stay so: they were hung so, or the reader emptied them. */
  readonly keepsEmpty: boolean;
}

/** Rows and columns of the largest grid. */
export const largestGrid = { rows: 4, columns: 4 } as const;

export const singleViewport: Layout = { rows: 1, columns: 1, cells: [], active: 0, isOneUp: false, keepsEmpty: false };

function count(layout: Layout): number {
  return layout.rows * layout.columns;
}

/** The cells that can be seen, in reading order. */
export function visibleCells(layout: Layout): readonly number[] {
  return layout.isOneUp ? [layout.active] : Array.from({ length: count(layout) }, (_, cell) => cell);
}

/** What the active viewport shows. */
export function activeContent(layout: Layout): Content | undefined {
  return layout.cells[layout.active];
}

/** However the series is shown. */
function isOfSameSeries(a: Content | undefined, b: Content | undefined): boolean {
  return a?.study === b?.study && a?.series === b?.series;
}

function replaced(cells: Layout['cells'], cell: number, content: Content | undefined): Layout['cells'] {
  return Array.from({ length: Math.max(cells.length, cell + 1) }, (_, at) => (at === cell ? content : cells[at]));
}

function within(value: number, most: number): number {
  return Math.min(Math.max(Math.floor(value), 1), most);
}

/** Another grid. What the reader looks at stays in sight: it changes places with the last cell if its own is gone. */
export function withGrid(layout: Layout, rows: number, columns: number): Layout {
  const grid = {
    ...layout,
    rows: within(rows, largestGrid.rows),
    columns: within(columns, largestGrid.columns),
    isOneUp: false,
    keepsEmpty: false,
  };
  const last = count(grid) - 1;
  if (layout.active <= last) {
    return grid;
  }
  const moved = replaced(layout.cells, layout.active, layout.cells[last]);
  return { ...grid, cells: replaced(moved, last, activeContent(layout)), active: last };
}

/** Puts something into a cell, which becomes the active one. */
export function withContent(layout: Layout, cell: number, content: Content): Layout {
  return activated({ ...layout, cells: replaced(layout.cells, cell, content) }, cell);
}

/** Takes away what the active cell shows. */
export function emptied(layout: Layout): Layout {
  return activeContent(layout)
    ? { ...layout, cells: replaced(layout.cells, layout.active, undefined), keepsEmpty: true }
    : layout;
}

/** Makes a visible cell the active one. */
export function activated(layout: Layout, cell: number): Layout {
  return cell !== layout.active && visibleCells(layout).includes(cell) ? { ...layout, active: cell } : layout;
}

/** The cell after the active one, or before it, is active now. Alone in sight it hands its place over. */
export function withNextActive(layout: Layout, step: 1 | -1): Layout {
  return { ...layout, active: (layout.active + step + count(layout)) % count(layout) };
}

/** One cell alone, or the grid again. */
export function withOneUp(layout: Layout, cell: number): Layout {
  return count(layout) === 1 ? layout : { ...activated(layout, cell), isOneUp: !layout.isOneUp };
}

/** Puts what is not in sight yet, in whatever form, into the visible cells that are empty. */
export function filled(layout: Layout, candidates: readonly Content[]): Layout {
  if (layout.keepsEmpty) {
    return layout;
  }
  const grid = Array.from({ length: count(layout) }, (_, cell) => layout.cells[cell]);
  const waiting = candidates.filter((candidate) => !grid.some((content) => isOfSameSeries(content, candidate)));
  if (waiting.length === 0 || grid.every((content) => content)) {
    return layout;
  }
  const cells = grid.map((content) => content ?? waiting.shift());
  return { ...layout, cells: [...cells, ...layout.cells.slice(cells.length)] };
}

/** Brings something into sight: where its series is already, or else in the active cell. */
export function showing(layout: Layout, content: Content): Layout {
  const cell = visibleCells(layout).find((candidate) => isOfSameSeries(layout.cells[candidate], content));
  return cell === undefined ? withContent(layout, layout.active, content) : activated(layout, cell);
}

/** Puts something beside what is in a cell: where its series is in sight already, or in the next cell, if there is another. */
export function withBeside(layout: Layout, cell: number, content: Content): Layout {
  const others = visibleCells(layout).filter((other) => other !== cell);
  const there = others.find((other) => isOfSameSeries(layout.cells[other], content));
  return withContent(layout, there ?? others.find((other) => other > cell) ?? others[0] ?? cell, content);
}

/** Without what is no longer there. */
export function pruned(layout: Layout, isThere: (content: Content) => boolean): Layout {
  return layout.cells.every((content) => !content || isThere(content))
    ? layout
    : { ...layout, cells: layout.cells.map((content) => (content && isThere(content) ? content : undefined)) };
}
