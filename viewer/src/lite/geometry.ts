/** Where a picture lies in its area: pure, in CSS pixels of the area and in columns and rows of the picture. */
import type { Field } from './handover';

/** The size of a picture. */
export interface Shape {
  readonly columns: number;
  readonly rows: number;
  /** How much higher than wide a pixel is. */
  readonly aspect: number;
}

export interface Area {
  readonly width: number;
  readonly height: number;
}

/** How the reader looks at it. */
export interface Look {
  /** 1 is the whole picture in the area. */
  readonly zoom: number;
  /** The part of the picture in the middle of the area, from 0 to 1 each way. */
  readonly middle: readonly [x: number, y: number];
}

export const fitted: Look = { zoom: 1, middle: [0.5, 0.5] };

const [leastZoom, mostZoom] = [0.25, 20];

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of the area for a column where the whole picture is in it. */
function fittingScale({ columns, rows, aspect }: Shape, { width, height }: Area): number {
  return Math.min(width / columns, height / (rows * aspect));
}

/** Where the picture is drawn. */
export function rectangle(shape: Shape, area: Area, { zoom, middle }: Look): Rectangle {
  const scale = fittingScale(shape, area) * zoom;
  const [width, height] = [shape.columns * scale, shape.rows * shape.aspect * scale];
  return { x: area.width / 2 - middle[0] * width, y: area.height / 2 - middle[1] * height, width, height };
}

export function isFitted({ zoom, middle }: Look): boolean {
  return zoom === 1 && middle[0] === 0.5 && middle[1] === 0.5;
}

/** Moved by so many pixels of the area; something of the picture stays in its middle. */
export function panned(shape: Shape, area: Area, look: Look, dx: number, dy: number): Look {
  const { width, height } = rectangle(shape, area, look);
  const within = (value: number) => Math.min(Math.max(value, 0), 1);
  return { zoom: look.zoom, middle: [within(look.middle[0] - dx / width), within(look.middle[1] - dy / height)] };
}

/** Magnified about a point of the area, which stays where it is. */
export function zoomed(shape: Shape, area: Area, look: Look, factor: number, [x, y]: readonly [number, number]): Look {
  const zoom = Math.min(Math.max(look.zoom * factor, leastZoom), mostZoom);
  const before = rectangle(shape, area, look);
  const grown = zoom / look.zoom;
  const after = { x: x - (x - before.x) * grown, y: y - (y - before.y) * grown };
  const larger = { zoom, middle: look.middle };
  const there = rectangle(shape, area, larger);
  return panned(shape, area, larger, after.x - there.x, after.y - there.y);
}

/** What is in sight, in terms of the picture alone; undefined if that is all of it. */
export function fieldOf(shape: Shape, area: Area, look: Look): Field | undefined {
  if (isFitted(look)) {
    return undefined;
  }
  const scale = fittingScale(shape, area) * look.zoom;
  return {
    middle: [look.middle[0] * shape.columns - 0.5, look.middle[1] * shape.rows - 0.5],
    half: Math.min(area.width, area.height) / 2 / scale,
  };
}

/** The look that shows this part of the picture. */
export function lookAt(shape: Shape, area: Area, { middle, half }: Field): Look {
  const scale = Math.min(area.width, area.height) / 2 / half;
  return {
    zoom: scale / fittingScale(shape, area),
    middle: [(middle[0] + 0.5) / shape.columns, (middle[1] + 0.5) / shape.rows],
  };
}

const sides = [256, 512, 1024, 2048] as const;

/** The longer side that a picture of the server needs to be sharp here; more than it has is never asked for. */
export function neededSide(shape: Shape, area: Area, look: Look, pixelRatio: number): number {
  const { width, height } = rectangle(shape, area, look);
  const wanted = Math.max(width, height) * Math.min(pixelRatio, 2);
  const native = Math.max(shape.columns, shape.rows);
  const most = sides.find((side) => side >= native) ?? 2048;
  return Math.min(sides.find((side) => side >= wanted * 0.75) ?? 2048, most);
}
