/** What each kind of annotation is made of: how many points, which lines they make, and what is measured by them. */
import type { PicturePoint } from '../imaging/imagePlane';
import {
  angleAt,
  cobbAngle,
  ellipseArea,
  lengthBetween,
  type PixelSize,
  polygonArea,
  rectangleArea,
} from '../imaging/measuring';
import { type PictureValues, type Region, statisticsIn, valueAt } from '../imaging/statistics';
import type { ValueMeaning } from '../imaging/valueUnit';
import type { Annotation, AnnotationKind, Measure, Quantity, SizeSource, Unit } from './model';

/** A line to be drawn; the ellipse fills the rectangle between two corners. */
export type Shape =
  | { readonly kind: 'line' | 'closed' | 'arrow'; readonly points: readonly PicturePoint[] }
  | { readonly kind: 'ellipse'; readonly points: readonly [corner: PicturePoint, opposite: PicturePoint] }
  | { readonly kind: 'point'; readonly points: readonly [PicturePoint] };

/** How large pixels are, and what their values are. */
export interface Measuring {
  readonly pixel: PixelSize;
  readonly sizeSource: SizeSource;
  /** Undefined where a picture has colours. */
  readonly values: PictureValues | undefined;
  readonly meaning: ValueMeaning;
}

interface Kind {
  /** How many points the hand gives; one that is drawn in one go has as many as it passes. */
  readonly points: number | 'path';
  shapes(points: readonly PicturePoint[]): readonly Shape[];
  measures(points: readonly PicturePoint[], measuring: Measuring): readonly Measure[];
  /** All points, once those of the hand are there. */
  complete?(points: readonly PicturePoint[], pixel: PixelSize): readonly PicturePoint[];
  /** Keeps the form when one point is moved. */
  moved?(points: readonly PicturePoint[], moved: number, pixel: PixelSize): readonly PicturePoint[];
}

const nothing: readonly Measure[] = [];

function lengthUnit({ sizeSource }: Measuring): Unit {
  return sizeSource === 'none' ? 'pixels' : 'mm';
}

function areaUnit({ sizeSource }: Measuring): Unit {
  return sizeSource === 'none' ? 'pixels2' : 'mm2';
}

function line(...points: readonly PicturePoint[]): Shape {
  return { kind: 'line', points };
}

/** Pairs of points as lines, as far as they are there. */
function pairs(points: readonly PicturePoint[]): Shape[] {
  return points.flatMap((point, at) => (at % 2 === 0 ? [line(point, ...points.slice(at + 1, at + 2))] : []));
}

function regionMeasures(region: Region, area: number, measuring: Measuring): readonly Measure[] {
  const found = measuring.values && statisticsIn(measuring.values, region);
  const { unit, factor } = measuring.meaning;
  return [
    { quantity: 'area', value: area, unit: areaUnit(measuring) },
    ...(found
      ? ([
          { quantity: 'mean', value: found.mean * factor, unit },
          { quantity: 'deviation', value: found.standardDeviation * factor, unit },
          { quantity: 'minimum', value: found.minimum * factor, unit },
          { quantity: 'maximum', value: found.maximum * factor, unit },
        ] as const)
      : []),
  ];
}

/** The short axis stands at right angles on the long one, where it crosses it. */
function shortAxis(
  [from, to]: readonly [PicturePoint, PicturePoint],
  pixel: PixelSize,
  along: number,
  before: number,
  after: number,
): [PicturePoint, PicturePoint] {
  const [dx, dy] = [(to[0] - from[0]) * pixel.column, (to[1] - from[1]) * pixel.row];
  const at = [from[0] + (to[0] - from[0]) * along, from[1] + (to[1] - from[1]) * along] as const;
  const offset = (share: number): PicturePoint => [
    at[0] + (-dy * share) / pixel.column,
    at[1] + (dx * share) / pixel.row,
  ];
  return [offset(before), offset(after)];
}

/** Where a point lies beside a line: its share of the way along, and beside it in lengths of the line. */
function beside(
  [from, to]: readonly [PicturePoint, PicturePoint],
  point: PicturePoint,
  pixel: PixelSize,
): { along: number; aside: number } {
  const [dx, dy] = [(to[0] - from[0]) * pixel.column, (to[1] - from[1]) * pixel.row];
  const [px, py] = [(point[0] - from[0]) * pixel.column, (point[1] - from[1]) * pixel.row];
  const squared = dx * dx + dy * dy || 1;
  return { along: (px * dx + py * dy) / squared, aside: (py * dx - px * dy) / squared };
}

const bidirectional: Kind = {
  points: 2,
  shapes: pairs,
  complete: ([from, to], pixel) => (from && to ? [from, to, ...shortAxis([from, to], pixel, 0.5, -0.25, 0.25)] : []),
  moved: (points, moved, pixel) => {
    const [from, to, one, other] = points;
    if (!from || !to || !one || !other) {
      return points;
    }
    const [first, second] = [beside([from, to], one, pixel), beside([from, to], other, pixel)];
    // Of its ends the one that was moved says where the short axis is.
    const along = Math.min(Math.max(moved === 3 ? second.along : first.along, 0), 1);
    return [from, to, ...shortAxis([from, to], pixel, along, first.aside, second.aside)];
  },
  measures: ([a, b, c, d], measuring) => {
    const unit = lengthUnit(measuring);
    const long = a && b ? lengthBetween(a, b, measuring.pixel) : 0;
    const short = c && d ? lengthBetween(c, d, measuring.pixel) : 0;
    // Whichever was drawn first, the longer one is the long axis.
    return [
      { quantity: 'longAxis', value: Math.max(long, short), unit },
      { quantity: 'shortAxis', value: Math.min(long, short), unit },
    ];
  },
};

const length: Kind = {
  points: 2,
  shapes: (points) => [line(...points)],
  measures: ([from, to], measuring) =>
    from && to
      ? [{ quantity: 'length', value: lengthBetween(from, to, measuring.pixel), unit: lengthUnit(measuring) }]
      : nothing,
};

const kinds: Readonly<Record<AnnotationKind, Kind>> = {
  length,
  bidirectional,
  angle: {
    points: 3,
    shapes: (points) => [line(...points)],
    measures: ([from, corner, to], { pixel }) =>
      from && corner && to ? [{ quantity: 'angle', value: angleAt(from, corner, to, pixel), unit: 'deg' }] : nothing,
  },
  cobb: {
    points: 4,
    shapes: pairs,
    measures: ([a, b, c, d], { pixel }) =>
      a && b && c && d ? [{ quantity: 'cobb', value: cobbAngle([a, b], [c, d], pixel), unit: 'deg' }] : nothing,
  },
  cardiothoracic: {
    points: 4,
    shapes: pairs,
    measures: ([a, b, c, d], { pixel }) => {
      const thorax = c && d ? lengthBetween(c, d, pixel) : 0;
      return a && b && thorax > 0
        ? [{ quantity: 'ratio', value: lengthBetween(a, b, pixel) / thorax, unit: 'ratio' }]
        : nothing;
    },
  },
  ellipse: {
    points: 2,
    shapes: ([corner, opposite]) => (corner && opposite ? [{ kind: 'ellipse', points: [corner, opposite] }] : []),
    measures: ([corner, opposite], measuring) =>
      corner && opposite
        ? regionMeasures(
            { kind: 'ellipse', corner, opposite },
            ellipseArea(corner, opposite, measuring.pixel),
            measuring,
          )
        : nothing,
  },
  rectangle: {
    points: 2,
    shapes: ([a, b]) => (a && b ? [{ kind: 'closed', points: [a, [b[0], a[1]], b, [a[0], b[1]]] }] : []),
    measures: ([corner, opposite], measuring) =>
      corner && opposite
        ? regionMeasures(
            { kind: 'rectangle', corner, opposite },
            rectangleArea(corner, opposite, measuring.pixel),
            measuring,
          )
        : nothing,
  },
  freehand: {
    points: 'path',
    shapes: (points) => [{ kind: 'closed', points }],
    measures: (points, measuring) =>
      regionMeasures({ kind: 'outline', points }, polygonArea(points, measuring.pixel), measuring),
  },
  probe: {
    points: 1,
    shapes: ([at]) => (at ? [{ kind: 'point', points: [at] }] : []),
    measures: ([at], { values, meaning: { unit, factor } }) => {
      const value = at && values && valueAt(values, at);
      return value === undefined ? nothing : [{ quantity: 'value', value: value * factor, unit }];
    },
  },
  arrow: {
    points: 2,
    shapes: (points) => [{ kind: 'arrow', points }],
    measures: () => nothing,
  },
  text: {
    points: 1,
    shapes: ([at]) => (at ? [{ kind: 'point', points: [at] }] : []),
    measures: () => nothing,
  },
  spine: {
    points: 1,
    shapes: ([at]) => (at ? [{ kind: 'point', points: [at] }] : []),
    measures: () => nothing,
  },
  // Its length is what the reader says it is.
  calibration: { ...length, measures: () => nothing },
};

/** How many points the hand gives. */
export function pointsOf(kind: AnnotationKind): number | 'path' {
  return kinds[kind].points;
}

export function shapesOf({ kind, points, shapes }: Pick<Annotation, 'kind' | 'points' | 'shapes'>): readonly Shape[] {
  return kind === 'foreign' ? (shapes ?? []) : kinds[kind].shapes(points);
}

/** Points with those that follow from them, once the hand has given all of its own. */
export function completed(
  kind: AnnotationKind,
  points: readonly PicturePoint[],
  pixel: PixelSize,
): readonly PicturePoint[] {
  return kinds[kind].complete?.(points, pixel) ?? points;
}

/** Points after one of them was moved. */
export function withPoint(
  { kind, points }: Pick<Annotation, 'kind' | 'points'>,
  moved: number,
  to: PicturePoint,
  pixel: PixelSize,
): readonly PicturePoint[] {
  const after = points.map((point, at) => (at === moved ? to : point));
  return kind === 'foreign' ? points : (kinds[kind].moved?.(after, moved, pixel) ?? after);
}

const values: readonly Quantity[] = ['value', 'mean', 'deviation', 'minimum', 'maximum'];

/** The annotation with other sizes; what was measured of its values stays. */
export function resized(annotation: Annotation, measuring: Measuring): Annotation {
  const sizes = measured(annotation, { ...measuring, values: undefined });
  const kept = annotation.measures.filter(({ quantity }) => values.includes(quantity));
  return sizes === annotation
    ? annotation
    : { ...sizes, measures: [...sizes.measures, ...kept], ...(annotation.isLossy ? { isLossy: true } : {}) };
}

function withMeasures(annotation: Annotation, measures: readonly Measure[], measuring: Measuring): Annotation {
  const { isLossy: _, ...rest } = annotation;
  const isLossy = measuring.meaning.isLossy && measures.some(({ quantity }) => values.includes(quantity));
  return { ...rest, measures, sizeSource: measuring.sizeSource, ...(isLossy ? { isLossy: true } : {}) };
}

/** The annotation as it is measured now. */
export function measured(annotation: Annotation, measuring: Measuring): Annotation {
  const { kind, points } = annotation;
  return kind === 'foreign' || kind === 'calibration'
    ? annotation
    : withMeasures(annotation, kinds[kind].measures(points, measuring), measuring);
}
