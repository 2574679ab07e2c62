/** From the pixels of a frame of a segmentation to a coloured mask, and where that lies on a picture. */
import { type ImagePlane, type PicturePoint, toPatient, toPicture } from '../../imaging/imagePlane';
import type { Colour, Segmentation } from './model';

/** What is asked of pixels: how much of a pixel is whose. */
export type MaskCoding = Pick<Segmentation, 'coding' | 'rows' | 'columns' | 'bitsAllocated' | 'maximumFraction'>;

function reader(bytes: Uint8Array, { bitsAllocated }: MaskCoding): (at: number) => number {
  if (bitsAllocated === 1) {
    // The first pixel is the lowest bit (PS3.5 section 8.1.1, Pixel Data Encoding of Related Data Elements).
    return (at) => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
  }
  return bitsAllocated > 8 ? (at) => (bytes[2 * at] ?? 0) | ((bytes[2 * at + 1] ?? 0) << 8) : (at) => bytes[at] ?? 0;
}

/**
 * Red, green, blue and opacity of every pixel. `segment`: whose the frame is, unless its pixels say so; `colourOf` has no
 * colour for segments that are switched off.
 */
export function maskOf(
  bytes: Uint8Array,
  coded: MaskCoding,
  segment: number | undefined,
  colourOf: (segment: number) => Colour | undefined,
): Uint8ClampedArray<ArrayBuffer> {
  const read = reader(bytes, coded);
  const count = coded.rows * coded.columns;
  const mask = new Uint8ClampedArray(4 * count);
  const colours = new Map<number, Colour | undefined>();
  for (let at = 0; at < count; at += 1) {
    const value = read(at);
    // Of a label map 0 is no segment, unless one is called so: then it is the background.
    const whose = coded.coding === 'labelMap' ? value || undefined : segment;
    if (value === 0 || whose === undefined) {
      continue;
    }
    if (!colours.has(whose)) {
      colours.set(whose, colourOf(whose));
    }
    const colour = colours.get(whose);
    if (colour) {
      mask.set(colour, 4 * at);
      mask[4 * at + 3] = coded.coding === 'fractional' ? (255 * value) / coded.maximumFraction : 255;
    }
  }
  return mask;
}

/** Where a pixel of one plane is in another: by the patient if both are known, one to one if they are of one size. */
export function pixelOn(
  from: { readonly rows: number; readonly columns: number; readonly plane: ImagePlane | undefined },
  on: { readonly rows: number; readonly columns: number; readonly plane: ImagePlane | undefined },
): ((point: PicturePoint) => PicturePoint) | undefined {
  const [own, other] = [from.plane, on.plane];
  if (own && other && own.frameOfReferenceUid === other.frameOfReferenceUid) {
    return (point) => toPicture(other, toPatient(own, point));
  }
  return from.rows === on.rows && from.columns === on.columns ? (point) => point : undefined;
}
