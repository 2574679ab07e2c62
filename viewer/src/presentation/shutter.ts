/**
 * Display shutters (PS3.3 C.7.6.11, Display Shutter Module; C.7.6.15, Bitmap Display Shutter Module; C.7.6.16.2.16, Frame
 * Display Shutter Macro): what of a picture is to be seen. Of several shapes, what is within all of them.
 */
import { type DataSet, item, items, number, numbers, text, texts } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { PicturePoint } from '../imaging/imagePlane';
import { colourOfLab } from '../objects/overlays/colour';
import type { Colour } from '../objects/overlays/model';
import { PresentationTag } from './tags';

export interface Shutter {
  /** Outlines in columns and rows; what is within all of them is seen. */
  readonly openings: readonly (readonly PicturePoint[])[];
  /** The group of the overlay plane whose set bits are covered. */
  readonly bitmapGroup: string | undefined;
  /** What covers the rest. */
  readonly colour: Colour;
}

interface Picture {
  readonly rows: number;
  readonly columns: number;
  /** Height of a pixel to its width. */
  readonly aspect: number;
}

const mostVertices = 10_000;
const circlePieces = 128;

/** A grey of 16 bits (P-Value) as a screen shows it. */
export function greyOf(value: number): Colour {
  const grey = Math.round(Math.min(Math.max(value, 0), 0xffff) / 257);
  return [grey, grey, grey];
}

/** Edges are columns and rows that are still seen. */
function rectangle(dataSet: DataSet): PicturePoint[] {
  const edges = [
    PresentationTag.ShutterLeftVerticalEdge,
    PresentationTag.ShutterRightVerticalEdge,
    PresentationTag.ShutterUpperHorizontalEdge,
    PresentationTag.ShutterLowerHorizontalEdge,
  ].flatMap((tag) => number(dataSet, tag) ?? []);
  const [x0, x1, y0, y1] = edges;
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) {
    return [];
  }
  const [left, right] = [Math.min(x0, x1) - 1.5, Math.max(x0, x1) - 0.5];
  const [top, bottom] = [Math.min(y0, y1) - 1.5, Math.max(y0, y1) - 0.5];
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** The radius counts pixels along a row. */
function circle(dataSet: DataSet, aspect: number): PicturePoint[] {
  const [row, column] = numbers(dataSet, PresentationTag.CenterOfCircularShutter);
  const radius = number(dataSet, PresentationTag.RadiusOfCircularShutter) ?? 0;
  return row === undefined || column === undefined || radius <= 0
    ? []
    : Array.from({ length: circlePieces }, (_, at) => {
        const angle = (2 * Math.PI * at) / circlePieces;
        return [column - 1 + radius * Math.cos(angle), row - 1 + (radius * Math.sin(angle)) / aspect] as const;
      });
}

function polygon(dataSet: DataSet): PicturePoint[] {
  const values = numbers(dataSet, PresentationTag.VerticesOfThePolygonalShutter);
  return Array.from({ length: Math.min(Math.floor(values.length / 2), mostVertices) }, (_, at) => [
    (values[2 * at + 1] ?? 1) - 1,
    (values[2 * at] ?? 1) - 1,
  ]);
}

/** Whether something of the picture may be seen through it: what is no surface, or lies beside, would hide all and is not believed. */
function opens(outline: readonly PicturePoint[], { rows, columns }: Picture): boolean {
  const [across, down] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
  return (
    outline.length > 2 &&
    Math.max(...across) > -0.5 &&
    Math.max(...down) > -0.5 &&
    Math.min(...across) < columns - 0.5 &&
    Math.min(...down) < rows - 0.5
  );
}

/** The shutter that a data set names: an image, a functional group, or a presentation state. */
export function shutterOf(dataSet: DataSet, picture: Picture): Shutter | undefined {
  const shapes = texts(dataSet, PresentationTag.ShutterShape);
  const openings = [
    shapes.includes('RECTANGULAR') ? rectangle(dataSet) : [],
    shapes.includes('CIRCULAR') ? circle(dataSet, picture.aspect) : [],
    shapes.includes('POLYGONAL') ? polygon(dataSet) : [],
  ].filter((outline) => opens(outline, picture));
  const group = number(dataSet, PresentationTag.ShutterOverlayGroup);
  const bitmapGroup =
    shapes.includes('BITMAP') && group !== undefined ? group.toString(16).toUpperCase().padStart(4, '0') : undefined;
  const lab = colourOfLab(numbers(dataSet, PresentationTag.ShutterPresentationColorCieLabValue));
  return openings.length === 0 && bitmapGroup === undefined
    ? undefined
    : {
        openings,
        bitmapGroup,
        colour: lab ?? greyOf(number(dataSet, PresentationTag.ShutterPresentationValue) ?? 0),
      };
}

/** The shutter of a frame of an image: its own, that of all frames, or that of the image. */
export function shutterOfFrame(instance: DataSet, frameNumber: number, picture: Picture): Shutter | undefined {
  const groups = [
    items(instance, Tag.PerFrameFunctionalGroups)[frameNumber - 1],
    item(instance, Tag.SharedFunctionalGroups),
  ];
  const own = groups.map((group) => group && item(group, PresentationTag.FrameDisplayShutterSequence));
  const named = [...own, instance].find((source) => source && text(source, PresentationTag.ShutterShape) !== undefined);
  return named && shutterOf(named, picture);
}
