import { describe, expect, it } from 'vitest';
import { type PictureValues, statisticsIn, valueAt } from './statistics';

/** 5 columns and 4 rows, each pixel 10 times its row plus its column. */
const picture: PictureValues = {
  pixels: Float32Array.from({ length: 20 }, (_, at) => Math.floor(at / 5) * 10 + (at % 5)),
  columns: 5,
  rows: 4,
  padding: undefined,
};

describe('statistics', () => {
  it('are of the pixels whose centres lie in a rectangle', () => {
    // 11, 12, 21, 22
    const found = statisticsIn(picture, { kind: 'rectangle', corner: [0.6, 0.6], opposite: [2.4, 2.4] });
    expect(found).toMatchObject({ mean: 16.5, minimum: 11, maximum: 22, count: 4 });
    expect(found?.standardDeviation).toBeCloseTo(Math.sqrt((5.5 ** 2 + 4.5 ** 2) / 2));
  });

  it('are the same from whichever corner it was drawn', () =>
    expect(statisticsIn(picture, { kind: 'rectangle', corner: [2.4, 0.6], opposite: [0.6, 2.4] })).toMatchObject({
      mean: 16.5,
      count: 4,
    }));

  it('leave out the corners of an ellipse', () => {
    // 1, 10, 11, 12, 21: the cross around 11.
    const found = statisticsIn(picture, { kind: 'ellipse', corner: [-0.2, -0.2], opposite: [2.2, 2.2] });
    expect(found).toMatchObject({ mean: 11, minimum: 1, maximum: 21, count: 5 });
    expect(found?.standardDeviation).toBeCloseTo(Math.sqrt((2 * 1 + 2 * 100) / 5));
  });

  it('follow an outline, its bay included', () => {
    const bay = [
      [-0.5, -0.5],
      [4.5, -0.5],
      [4.5, 2.5],
      [2.5, 2.5],
      [2.5, 0.5],
      [-0.5, 0.5],
    ] as const;
    // The first row, and the last two columns of the two rows below it.
    expect(statisticsIn(picture, { kind: 'outline', points: bay })).toMatchObject({ count: 9, maximum: 24 });
  });

  it('stay on the picture', () =>
    expect(statisticsIn(picture, { kind: 'rectangle', corner: [3.5, 2.5], opposite: [90, 90] })).toMatchObject({
      mean: 34,
      standardDeviation: 0,
      count: 1,
    }));

  it('leave out padding and what is no number', () => {
    const pixels = Float32Array.of(-2000, 10, Number.NaN, 20);
    const padded = { pixels, columns: 4, rows: 1, padding: { lower: -2000.5, upper: -1999.5 } };
    const all = { kind: 'rectangle', corner: [-1, -1], opposite: [9, 9] } as const;
    expect(statisticsIn(padded, all)).toEqual({
      mean: 15,
      standardDeviation: 5,
      minimum: 10,
      maximum: 20,
      count: 2,
    });
  });

  it('are none of an empty region', () => {
    expect(statisticsIn(picture, { kind: 'ellipse', corner: [1.2, 1.2], opposite: [1.4, 1.4] })).toBeUndefined();
    expect(statisticsIn(picture, { kind: 'rectangle', corner: [50, 50], opposite: [60, 60] })).toBeUndefined();
    expect(statisticsIn(picture, { kind: 'outline', points: [] })).toBeUndefined();
  });

  it('lose nothing where values are large and close together', () => {
    const pixels = Float64Array.of(1e9 + 1, 1e9 + 2, 1e9 + 3);
    const found = statisticsIn(
      { pixels, columns: 3, rows: 1, padding: undefined },
      { kind: 'rectangle', corner: [-1, -1], opposite: [4, 1] },
    );
    expect(found?.standardDeviation).toBeCloseTo(Math.sqrt(2 / 3), 6);
  });
});

describe('the value at a point', () => {
  it('is that of the pixel it is in', () => {
    expect(valueAt(picture, [2.4, 0.6])).toBe(12);
    expect(valueAt(picture, [0, 0])).toBe(0);
  });

  it('is none beside the picture and on padding', () => {
    expect(valueAt(picture, [5, 0])).toBeUndefined();
    expect(valueAt(picture, [0, -0.6])).toBeUndefined();
    expect(valueAt({ ...picture, padding: { lower: 11.5, upper: 12.5 } }, [2, 1])).toBeUndefined();
  });
});
