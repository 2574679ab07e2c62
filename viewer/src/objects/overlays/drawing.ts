/** Segments and structures drawn over an image, on the screen and on pictures that are taken out. */
import type { SeriesInstanceUid } from '../../dicomweb/uid';
import type { Frame } from '../../imaging/frames';
import { type PicturePoint, planeOfFrame, toPicture } from '../../imaging/imagePlane';
import { type Placement, screenAt } from '../../imaging/placement';
import { drawMask } from './drawMask';
import { maskOf, pixelOn } from './mask';
import { contoursOn, framesOn, type Matched } from './matching';
import type { Contour, OverlayPart, Segmentation, SegmentFrame, StructureSet } from './model';
import type { FoundOverlay } from './useOverlays';

/** A part among all of the study's. */
export const partId = (
  { sopInstanceUid }: { readonly sopInstanceUid: string },
  { number }: Pick<OverlayPart, 'number'>,
) => `${sopInstanceUid} ${number}`;

export interface Choices {
  readonly off: ReadonlySet<string>;
  readonly opacity: number;
}

/** What of one overlay is on the picture. */
export type OnPicture =
  | { readonly found: FoundOverlay; readonly overlay: Segmentation; readonly matched: Matched<SegmentFrame> }
  | { readonly found: FoundOverlay; readonly overlay: StructureSet; readonly matched: Matched<Contour> };

export function onPicture(found: FoundOverlay, frames: readonly Frame[], index: number): OnPicture {
  const { overlay } = found;
  return overlay.kind === 'segmentation'
    ? { found, overlay, matched: framesOn(overlay.frames, frames, index) }
    : { found, overlay, matched: contoursOn(overlay.contours, frames, index) };
}

function colourIn(overlay: Segmentation | StructureSet, off: ReadonlySet<string>) {
  return (number: number) => {
    const part = overlay.parts.find((candidate) => candidate.number === number);
    return part && !off.has(partId(overlay, part)) ? part.colour : undefined;
  };
}

/** A frame of a segmentation that is needed for a picture. */
export interface WantedFrame {
  readonly overlay: Segmentation;
  readonly thing: SegmentFrame;
  readonly series: SeriesInstanceUid;
}

export function wantedFrames(shown: readonly OnPicture[]): readonly WantedFrame[] {
  return shown.flatMap(({ overlay, found, matched }) =>
    overlay.kind === 'segmentation'
      ? (matched.things as readonly SegmentFrame[]).map((thing) => ({ overlay, thing, series: found.series }))
      : [],
  );
}

/** How the frame is asked for. */
export function addressOf({ overlay, thing, series }: WantedFrame) {
  return { series, instance: overlay.sopInstanceUid, frameNumber: thing.frameNumber };
}

export interface PlacedMask {
  readonly canvas: OffscreenCanvas;
  /** From its pixels to those of the image. */
  readonly place: (point: PicturePoint) => PicturePoint;
}

/** The masks of these frames, as far as their pixels are here. */
export function masksOn(
  frame: Frame,
  wanted: readonly WantedFrame[],
  pixels: readonly (Uint8Array | undefined)[],
  off: ReadonlySet<string>,
): readonly PlacedMask[] {
  return wanted.flatMap(({ overlay, thing }, at) => {
    const bytes = pixels[at];
    const { rows, columns } = overlay;
    const place = pixelOn({ rows, columns, plane: thing.plane }, { ...frame, plane: planeOfFrame(frame) });
    if (!bytes || !place || rows * columns === 0) {
      return [];
    }
    const canvas = new OffscreenCanvas(columns, rows);
    const mask = maskOf(bytes, overlay, thing.segment, colourIn(overlay, off));
    canvas.getContext('2d')?.putImageData(new ImageData(mask, columns, rows), 0, 0);
    return [{ canvas, place }];
  });
}

function drawContours(
  context: CanvasRenderingContext2D,
  contours: readonly Contour[],
  colourOf: (part: number) => readonly [number, number, number] | undefined,
  frame: Frame,
  placement: Placement,
  opacity: number,
  unit: number,
): void {
  const plane = planeOfFrame(frame);
  if (!plane) {
    return;
  }
  for (const part of new Set(contours.map((contour) => contour.part))) {
    const colour = colourOf(part);
    const path = new Path2D();
    for (const contour of colour ? contours.filter((candidate) => candidate.part === part) : []) {
      contour.points.forEach((point, at) => {
        const [x, y] = screenAt(placement, toPicture(plane, point)) ?? [];
        if (x === undefined || y === undefined) {
          return;
        }
        if (contour.shape === 'point') {
          path.moveTo(x + 4 * unit, y);
          path.arc(x, y, 4 * unit, 0, 2 * Math.PI);
        } else if (at === 0) {
          path.moveTo(x, y);
        } else {
          path.lineTo(x, y);
        }
      });
      if (contour.shape === 'closed') {
        path.closePath();
      }
    }
    if (colour) {
      const rgb = colour.join(' ');
      if (contours.some((contour) => contour.part === part && contour.shape === 'closed')) {
        // A contour within another is a hole of it (PS3.3 C.8.8.6.3, Representing Inner and Outer Contours).
        context.fillStyle = `rgb(${rgb} / ${opacity * 0.5})`;
        context.fill(path, 'evenodd');
      }
      context.strokeStyle = `rgb(${rgb} / ${Math.min(opacity * 2, 1)})`;
      context.lineWidth = 1.5 * unit;
      context.stroke(path);
    }
  }
}

/** Draws all of it; `unit` is how many pixels of the picture one of the screen is. */
export function draw(
  context: CanvasRenderingContext2D,
  picture: {
    readonly shown: readonly OnPicture[];
    readonly masks: readonly PlacedMask[];
    readonly frame: Frame;
    readonly placement: Placement;
    readonly choices: Choices;
    readonly unit: number;
  },
): void {
  const { shown, masks, frame, placement, choices, unit } = picture;
  context.globalAlpha = choices.opacity;
  for (const { canvas, place } of masks) {
    drawMask(context, canvas, (point) => screenAt(placement, place(point)));
  }
  context.globalAlpha = 1;
  for (const { overlay, matched } of shown) {
    if (overlay.kind === 'structures') {
      const contours = matched.things as readonly Contour[];
      drawContours(context, contours, colourIn(overlay, choices.off), frame, placement, choices.opacity, unit);
    }
  }
}
