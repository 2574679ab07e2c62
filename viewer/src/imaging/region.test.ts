import { describe, expect, it } from 'vitest';
import { valuesBetween } from './region';
import { automaticWindow, rangeOf } from './window';

/** Four columns, three rows: 0 to 3, 10 to 13, 20 to 23. */
const picture = {
  pixels: Int16Array.from({ length: 12 }, (_, at) => Math.floor(at / 4) * 10 + (at % 4)),
  columns: 4,
  rows: 3,
};

describe('the values between two corners', () => {
  it('are those of every pixel that is touched, whichever corners they are', () => {
    const expected = [11, 12, 21, 22];
    expect(valuesBetween(picture, [0.6, 0.6], [2.4, 2.4])).toEqual(expected);
    expect(valuesBetween(picture, [2.4, 0.6], [0.6, 2.4])).toEqual(expected);
    expect(valuesBetween(picture, [2.4, 2.4], [0.6, 0.6])).toEqual(expected);
  });

  it('are that of one pixel for a rectangle within it', () =>
    expect(valuesBetween(picture, [2.9, 0.9], [3.1, 1.1])).toEqual([13]));

  it('end at the edge of the picture, and are none outside of it', () => {
    expect(valuesBetween(picture, [3, 2], [9, 9])).toEqual([23]);
    expect(valuesBetween(picture, [-9, -9], [0, 0])).toEqual([0]);
    expect(valuesBetween(picture, [5, 0], [9, 2])).toEqual([]);
    expect(valuesBetween(picture, [0, -9], [3, -2])).toEqual([]);
  });

  it('make a window that leaves out what lies elsewhere, and padding', () => {
    expect(rangeOf(automaticWindow(valuesBetween(picture, [0, 0], [1, 1]), undefined))).toEqual({
      lower: 0,
      upper: 11,
    });
    expect(rangeOf(automaticWindow(valuesBetween(picture, [0, 0], [1, 1]), { lower: -0.5, upper: 0.5 }))).toEqual({
      lower: 1,
      upper: 11,
    });
  });
});
