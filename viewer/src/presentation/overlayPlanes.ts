/**
 * Overlay planes (PS3.3 C.9.2, Overlay Plane Module; C.9.3, Multi-frame Overlay Module): what a data set says of them, and
 * their bits as a mask of the picture. A plane may be of any size and lie anywhere; what of it is over the picture counts.
 */
import { type DataSet, type DicomElement, number, numbers, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

/** Where the bits of a plane are: in its own data, or among those of the pixels, as was done until 2004. */
export type PlaneBits =
  | { readonly kind: 'data'; readonly element: DicomElement }
  | { readonly kind: 'pixels'; readonly bit: number; readonly bitsAllocated: number };

export interface OverlayPlane {
  /** Four hexadecimal digits. */
  readonly group: string;
  readonly rows: number;
  readonly columns: number;
  /** Where its first bit lies: 0, 0 is the first pixel of the image. */
  readonly left: number;
  readonly top: number;
  /** Frames of the image that have a plane each, from the first on; undefined if there is one plane for all. */
  readonly frames: { readonly first: number; readonly count: number } | undefined;
  readonly label: string | undefined;
  /** A region of interest rather than graphics. */
  readonly isRegion: boolean;
  readonly bits: PlaneBits;
}

/** PS3.5 section 7.6 (Repeating Groups): 6000 to 601E. */
export const overlayGroups = Array.from({ length: 16 }, (_, at) => (0x6000 + 2 * at).toString(16).toUpperCase());

function bitsOf(dataSet: DataSet, group: string): PlaneBits | undefined {
  const element = dataSet[`${group}3000`];
  if (element) {
    return { kind: 'data', element };
  }
  // Bit Position counts in a pixel of Overlay Bits Allocated bits, and is one that the pixel itself does not use.
  const bitsAllocated = number(dataSet, `${group}0100`) ?? 1;
  const bit = number(dataSet, `${group}0102`) ?? 0;
  const stored = number(dataSet, Tag.BitsStored) ?? bitsAllocated;
  const high = number(dataSet, Tag.HighBit) ?? stored - 1;
  const isFree = bit < bitsAllocated && (bit > high || bit <= high - stored);
  const isWhole = bitsAllocated === 8 || bitsAllocated === 16;
  return isWhole && isFree && bit >= 0 && number(dataSet, Tag.BitsAllocated) === bitsAllocated
    ? { kind: 'pixels', bit, bitsAllocated }
    : undefined;
}

function planeOf(dataSet: DataSet, group: string): OverlayPlane | undefined {
  const rows = number(dataSet, `${group}0010`) ?? 0;
  const columns = number(dataSet, `${group}0011`) ?? 0;
  const [top = 1, left = 1] = numbers(dataSet, `${group}0050`);
  const count = number(dataSet, `${group}0015`);
  const bits = bitsOf(dataSet, group);
  return bits && rows > 0 && columns > 0
    ? {
        group,
        rows,
        columns,
        left: left - 1,
        top: top - 1,
        frames:
          count === undefined || bits.kind === 'pixels'
            ? undefined
            : { first: number(dataSet, `${group}0051`) ?? 1, count },
        label: text(dataSet, `${group}1500`) ?? text(dataSet, `${group}0022`),
        isRegion: text(dataSet, `${group}0040`) === 'R',
        bits,
      }
    : undefined;
}

/** The planes of an image, or of a presentation state, by their groups. */
export function overlayPlanes(dataSet: DataSet): OverlayPlane[] {
  return overlayGroups.flatMap((group) => (dataSet[`${group}0010`] ? (planeOf(dataSet, group) ?? []) : []));
}

/** Which of its planes, from 0, is over this frame of the image. */
export function planeOver({ frames }: OverlayPlane, frameNumber: number): number | undefined {
  if (!frames) {
    return 0;
  }
  const place = frameNumber - frames.first;
  return place >= 0 && place < frames.count ? place : undefined;
}

/** The part of a plane that is over the picture, with so many pixels of the picture a side for each of its own. */
export interface PlaneMask {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly step: number;
  /** 1 where a bit is set. */
  readonly covered: Uint8Array;
}

/** Of a mask. Larger ones are made coarser, so that a picture of any size costs a bounded share of memory. */
const mostPixels = 4_000_000;

/** Undefined if nothing of it is over the picture. `bytes`: all planes, or the pixels of the frame. */
export function maskOfPlane(
  plane: OverlayPlane,
  place: number,
  bytes: Uint8Array,
  picture: { readonly rows: number; readonly columns: number },
): PlaneMask | undefined {
  const [left, top] = [Math.max(plane.left, 0), Math.max(plane.top, 0)];
  const width = Math.min(plane.left + plane.columns, picture.columns) - left;
  const height = Math.min(plane.top + plane.rows, picture.rows) - top;
  if (!(width > 0 && height > 0)) {
    return undefined;
  }
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / mostPixels)));
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const covered = new Uint8Array(columns * rows);
  const visit = visitorOf(plane, place, bytes);
  for (let row = 0; row < height; row += 1) {
    const line = Math.floor(row / step) * columns;
    const first = (row + top - plane.top) * plane.columns + left - plane.left;
    visit(first, first + width, (at) => {
      covered[line + Math.floor((at - first) / step)] = 1;
    });
  }
  return { left, top, columns, rows, step, covered };
}

/** Goes to the pixels of a plane that are set, from one to before another; what lies behind the end of the bytes is not. */
function visitorOf({ bits, rows, columns }: OverlayPlane, place: number, bytes: Uint8Array) {
  if (bits.kind === 'pixels') {
    const size = bits.bitsAllocated / 8;
    const [offset, mask] = [bits.bit >> 3, 1 << (bits.bit & 7)];
    return (first: number, end: number, set: (at: number) => void) => {
      for (let at = first; at < end; at += 1) {
        if (((bytes[at * size + offset] ?? 0) & mask) !== 0) {
          set(at);
        }
      }
    };
  }
  const start = place * rows * columns;
  return (first: number, end: number, set: (at: number) => void) => {
    const last = Math.min(start + end, bytes.length * 8);
    for (let bit = start + first; bit < last; ) {
      const byte = bytes[Math.floor(bit / 8)] ?? 0;
      // Bits of a frame need not begin a byte. The lowest comes first (PS3.5 section 8.1.2, Overlay Data Encoding).
      const next = Math.min(bit + 8 - (bit % 8), last);
      for (; bit < next && byte !== 0; bit += 1) {
        if ((byte >> (bit % 8)) & 1) {
          set(bit - start);
        }
      }
      bit = next;
    }
  };
}
