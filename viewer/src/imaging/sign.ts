/**
 * The sign of pixel values. A codestream says whether its samples have one, and so does the data set (Pixel
 * Representation, PS3.3 C.7.6.3.1.1). Where they differ, the data set says what the bits mean.
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

/** Output values that the bits mean, if those from the lowest to the highest come of stored ones of the other sign. */
export function withStoredSign(
  values: ArrayLike<number>,
  [lowest, highest]: readonly [number, number],
  { bits, isSigned }: StoredIntegers,
  { slope, intercept }: Rescale,
): Float32Array | undefined {
  const stored = (value: number) => Math.round((value - intercept) / slope);
  const ends = [stored(lowest), stored(highest)];
  const span = 2 ** bits;
  const beyond = span / 2;
  if (slope === 0 || (isSigned ? Math.max(...ends) < beyond : Math.min(...ends) >= 0)) {
    return undefined;
  }
  const meant = isSigned
    ? (value: number) => (value < beyond ? value : value - span)
    : (value: number) => (value < 0 ? value + span : value);
  return Float32Array.from(values, (value) => meant(stored(value)) * slope + intercept);
}
