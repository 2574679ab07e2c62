/** What a presentation state draws and writes on an image: PS3.3 C.10.5 (Graphic Annotation Module) and C.10.7 (Graphic Layer Module). */
import { type DataSet, item, items, number, numbers, text } from '../dicomweb/dataSet';
import type { Frame } from '../imaging/frames';
import type { PicturePoint } from '../imaging/imagePlane';
import { colourOfLab } from '../objects/overlays/colour';
import type { Colour } from '../objects/overlays/model';
import { greyOf } from './shutter';
import { isMeant } from './state';
import { PresentationTag } from './tags';

/** In columns and rows of the picture, or in shares of what is displayed of it. */
export interface Place {
  readonly of: 'picture' | 'display';
  readonly at: PicturePoint;
}

export interface Graphic {
  readonly isPoint: boolean;
  readonly isFilled: boolean;
  readonly of: Place['of'];
  readonly points: readonly PicturePoint[];
  readonly colour: Colour;
}

export interface WrittenText {
  readonly lines: readonly string[];
  /** Two opposite corners. */
  readonly bounds: readonly [Place, Place] | undefined;
  readonly align: 'start' | 'middle' | 'end';
  readonly anchor: Place | undefined;
  readonly showsAnchor: boolean;
  readonly colour: Colour;
}

export interface Graphics {
  readonly graphics: readonly Graphic[];
  readonly texts: readonly WrittenText[];
}

/** Nothing honest has more; what comes behind is left out. */
const [mostGraphics, mostPoints, mostTexts, mostLetters, mostLines] = [5_000, 200_000, 500, 2_000, 40];
const roundPieces = 96;
const curvePieces = 8;
const white: Colour = [255, 255, 255];

interface Layer {
  readonly order: number;
  readonly colour: Colour;
}

/** The layers of a state by their names. */
export function layersOf(state: DataSet): ReadonlyMap<string, Layer> {
  return new Map(
    items(state, PresentationTag.GraphicLayerSequence).map((layer) => [
      text(layer, PresentationTag.GraphicLayer) ?? '',
      {
        order: number(layer, PresentationTag.GraphicLayerOrder) ?? 0,
        colour:
          colourOfLab(numbers(layer, PresentationTag.GraphicLayerRecommendedDisplayCieLabValue)) ??
          greyOf(number(layer, PresentationTag.GraphicLayerRecommendedDisplayGrayscaleValue) ?? 0xffff),
      },
    ]),
  );
}

/** PIXEL counts from the corner of the first pixel, whose middle is 0, 0 to us (C.10.5.1.2). */
function place(units: string | undefined, [x, y]: readonly number[]): Place | undefined {
  if (x === undefined || y === undefined || (units !== 'PIXEL' && units !== 'DISPLAY')) {
    return undefined;
  }
  return units === 'PIXEL' ? { of: 'picture', at: [x - 0.5, y - 0.5] } : { of: 'display', at: [x, y] };
}

function round([x, y]: PicturePoint, [ax, ay]: PicturePoint, [bx, by]: PicturePoint): PicturePoint[] {
  return Array.from({ length: roundPieces + 1 }, (_, at) => {
    const angle = (2 * Math.PI * at) / roundPieces;
    const [along, across] = [Math.cos(angle), Math.sin(angle)];
    return [x + ax * along + bx * across, y + ay * along + by * across];
  });
}

/** A curve through the points (Catmull and Rom). */
function curve(points: readonly PicturePoint[]): PicturePoint[] {
  return points.flatMap((from, at) => {
    const to = points[at + 1];
    if (!to) {
      return [from];
    }
    const [before, after] = [points[at - 1] ?? from, points[at + 2] ?? to];
    return Array.from({ length: curvePieces }, (_, piece): PicturePoint => {
      const t = piece / curvePieces;
      const coordinate = (axis: 0 | 1) => {
        const [a, b, c, d] = [before[axis], from[axis], to[axis], after[axis]];
        return b + (t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))) / 2;
      };
      return [coordinate(0), coordinate(1)];
    });
  });
}

function outline(type: string | undefined, points: readonly PicturePoint[]): readonly PicturePoint[] {
  const [a, b, c, d] = points;
  switch (type) {
    case 'POINT':
      return a ? [a] : [];
    case 'POLYLINE':
      return b ? points : [];
    case 'INTERPOLATED':
      return b ? curve(points) : [];
    case 'CIRCLE': {
      const radius = a && b ? Math.hypot(b[0] - a[0], b[1] - a[1]) : 0;
      return a && b ? round(a, [radius, 0], [0, radius]) : [];
    }
    case 'ELLIPSE':
      return a && b && c && d
        ? round(
            [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
            [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2],
            [(d[0] - c[0]) / 2, (d[1] - c[1]) / 2],
          )
        : [];
    default:
      return [];
  }
}

function graphicOf(graphic: DataSet, layer: Layer, left: number): Graphic | undefined {
  const units = text(graphic, PresentationTag.GraphicAnnotationUnits);
  const values = numbers(graphic, PresentationTag.GraphicData);
  const places = Array.from({ length: Math.min(Math.floor(values.length / 2), left) }, (_, at) =>
    place(units, values.slice(2 * at, 2 * at + 2)),
  );
  const [first] = places;
  const type = text(graphic, PresentationTag.GraphicType);
  const points = outline(
    type,
    places.flatMap((each) => (each ? [each.at] : [])),
  );
  const style = item(graphic, PresentationTag.LineStyleSequence);
  return first && points.length > 0
    ? {
        isPoint: type === 'POINT',
        isFilled: points.length > 2 && text(graphic, PresentationTag.GraphicFilled) === 'Y',
        of: first.of,
        points,
        colour: (style && colourOfLab(numbers(style, PresentationTag.PatternOnColorCieLabValue))) ?? layer.colour,
      }
    : undefined;
}

const aligned: Readonly<Record<string, WrittenText['align']>> = { CENTER: 'middle', RIGHT: 'end' };

function textOf(object: DataSet, layer: Layer): WrittenText | undefined {
  const value = (text(object, PresentationTag.UnformattedTextValue) ?? '').slice(0, mostLetters);
  const at = (tag: string, units: string) => place(text(object, units), numbers(object, tag));
  const corner = (tag: string) => at(tag, PresentationTag.BoundingBoxAnnotationUnits);
  const first = corner(PresentationTag.BoundingBoxTopLeft);
  const second = corner(PresentationTag.BoundingBoxBottomRight);
  const anchor = at(PresentationTag.AnchorPoint, PresentationTag.AnchorPointAnnotationUnits);
  const style = item(object, PresentationTag.TextStyleSequence);
  const bounds = first && second ? ([first, second] as const) : undefined;
  return value !== '' && (bounds || anchor)
    ? {
        lines: value.split(/\r\n|[\r\n\f]/).slice(0, mostLines),
        bounds,
        align: aligned[text(object, PresentationTag.BoundingBoxTextHorizontalJustification) ?? ''] ?? 'start',
        anchor,
        showsAnchor: text(object, PresentationTag.AnchorPointVisibility) === 'Y',
        colour: (style && colourOfLab(numbers(style, PresentationTag.TextColorCieLabValue))) ?? layer.colour,
      }
    : undefined;
}

/** What is drawn and written on a frame, that of the lowest layer first. */
export function graphicsOn(state: DataSet, frame: Frame): Graphics {
  const layers = layersOf(state);
  const layerOf = (annotation: DataSet) =>
    layers.get(text(annotation, PresentationTag.GraphicLayer) ?? '') ?? { order: 0, colour: white };
  const annotations = items(state, PresentationTag.GraphicAnnotationSequence)
    .filter((annotation) => isMeant(annotation, frame))
    .map((annotation) => ({ annotation, layer: layerOf(annotation) }))
    .sort((a, b) => a.layer.order - b.layer.order);
  const graphics: Graphic[] = [];
  const texts: WrittenText[] = [];
  let points = mostPoints;
  for (const { annotation, layer } of annotations) {
    for (const object of items(annotation, PresentationTag.GraphicObjectSequence)) {
      const graphic = graphics.length < mostGraphics && points > 0 ? graphicOf(object, layer, points) : undefined;
      if (graphic) {
        points -= graphic.points.length;
        graphics.push(graphic);
      }
    }
    for (const object of items(annotation, PresentationTag.TextObjectSequence)) {
      const written = texts.length < mostTexts ? textOf(object, layer) : undefined;
      if (written) {
        texts.push(written);
      }
    }
  }
  return { graphics, texts };
}
