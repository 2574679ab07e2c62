/**
 * What the bits of pixels mean. A codestream says whether its samples have a sign, and so does the data set (Pixel
 * Representation, PS3.3 C.7.6.3.1.1): where they differ, the data set counts. Bits above those that are stored are not of
 * the pixel; overlays stood there once (PS3.5 section 8.1.1, Pixel Data Encoding of Related Data Elements).
 */
import { type DataSet, number } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

/** How integers of at most 16 bits are stored. */
export interface StoredIntegers {
  readonly bits: number;
  readonly isSigned: boolean;
}

/** Undefined of pixels that are no such integers. */
export function storedIntegers(instance: DataSet): StoredIntegers | undefined {
  const bits = number(instance, Tag.BitsStored) ?? 0;
  return bits >= 1 && bits <= 16 ? { bits, isSigned: number(instance, Tag.PixelRepresentation) === 1 } : undefined;
}

/** From stored to output values (Rescale Slope and Intercept, PS3.3 C.11.1.1.2). */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** Output values that the bits mean, if those from the lowest to the highest cannot all be of the stored bits. */
export function withStoredSign(
  values: ArrayLike<number>,
  [lowest, highest]: readonly [number, number],
  { bits, isSigned }: StoredIntegers,
  { slope, intercept }: Rescale,
): Float32Array | undefined {
  const stored = (value: number) => Math.round((value - intercept) / slope);
  const ends = [stored(lowest), stored(highest)];
  const span = 2 ** bits;
  const [least, beyond] = isSigned ? [-span / 2, span / 2] : [0, span];
  if (slope === 0 || (Math.min(...ends) >= least && Math.max(...ends) < beyond)) {
    return undefined;
  }
  const meant = (value: number) => {
    const low = value & (span - 1);
    return low < beyond ? low : low - span;
  };
  return Float32Array.from(values, (value) => meant(stored(value)) * slope + intercept);
}
