/** Values that stand for no measurement (PS3.3 C.7.5.1.1.2, Pixel Padding Value and Pixel Padding Range Limit). */
import { type DataSet, number } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

/** Between these two is padding. They lie halfway to the next stored value, so that no rounding moves one across. */
export interface Padding {
  readonly lower: number;
  readonly upper: number;
}

/** The padding among the stored values; the limit may be on either side of the value, as the photometric interpretation has it. */
export function paddingOf(instance: DataSet): Padding | undefined {
  const isSigned = number(instance, Tag.PixelRepresentation) === 1;
  const stored = (tag: string) => {
    const value = number(instance, tag);
    // Some say US of signed values.
    return value !== undefined && isSigned && value > 0x7fff && value <= 0xffff ? value - 0x1_0000 : value;
  };
  const value = stored(Tag.PixelPaddingValue);
  if (value === undefined) {
    return undefined;
  }
  const limit = stored(Tag.PixelPaddingRangeLimit) ?? value;
  return { lower: Math.min(value, limit) - 0.5, upper: Math.max(value, limit) + 0.5 };
}

/** The padding among values that were rescaled. */
export function rescaledPadding({ lower, upper }: Padding, slope: number, intercept: number): Padding {
  const ends = [lower * slope + intercept, upper * slope + intercept];
  return { lower: Math.min(...ends), upper: Math.max(...ends) };
}

/** Whether a value is a measurement. */
export function isMeasured(value: number, padding: Padding | undefined): boolean {
  return Number.isFinite(value) && !(padding && value > padding.lower && value < padding.upper);
}
