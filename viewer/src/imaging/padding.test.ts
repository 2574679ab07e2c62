import { describe, expect, it } from 'vitest';
import { isMeasured, paddingOf, rescaledPadding } from './padding';

const element = (vr: string, value: number) => ({ vr, Value: [value] });

/** Those of these values that are measurements under such a header. */
function measured(values: readonly number[], value: number, limit?: number, isSigned = false): number[] {
  const padding = paddingOf({
    '00280103': element('US', isSigned ? 1 : 0),
    '00280120': element('US', value),
    ...(limit === undefined ? {} : { '00280121': element('US', limit) }),
  });
  return values.filter((candidate) => isMeasured(candidate, padding));
}

describe('padding', () => {
  it('is one value without a limit', () => expect(measured([0, 1, 2], 1)).toEqual([0, 2]));

  it('is a range up to the limit, both ends included, on whichever side the limit is', () => {
    expect(measured([0, 1, 9, 10, 11], 0, 10)).toEqual([11]);
    // MONOCHROME1 has its background among the high values.
    expect(measured([4079, 4080, 4090, 4095], 4095, 4080)).toEqual([4079]);
  });

  it('is signed where the pixels are, whatever value representation it came in', () => {
    expect(measured([-2000, -1999, 0, 63_536], -2000, undefined, true)).toEqual([-1999, 0, 63_536]);
    expect(measured([-2000, -1990, -1989, 0], 63_536, 63_546, true)).toEqual([-1989, 0]);
  });

  it('needs a value: a limit alone says nothing', () => {
    expect(paddingOf({ '00280121': element('US', 10) })).toBeUndefined();
    expect(isMeasured(0, undefined)).toBe(true);
    expect(isMeasured(Number.NaN, undefined)).toBe(false);
  });

  it('goes with the values through a rescale, one that turns them round included', () => {
    const padding = paddingOf({ '00280120': element('US', 0), '00280121': element('US', 2) });
    const among = (slope: number, intercept: number, stored: readonly number[]) =>
      stored.filter((value) =>
        isMeasured(Math.fround(value * slope + intercept), padding && rescaledPadding(padding, slope, intercept)),
      );
    expect(among(1, -1024, [0, 2, 3])).toEqual([3]);
    expect(among(0.1, 0.7, [0, 1, 2, 3])).toEqual([3]);
    expect(among(-2, 5, [0, 1, 2, 3])).toEqual([3]);
  });
});
