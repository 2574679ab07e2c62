import { describe, expect, it } from 'vitest';
import { angleAt, cobbAngle, ellipseArea, lengthBetween, polygonArea, rectangleArea } from './measuring';

const square = { column: 1, row: 1 };
/** Columns half a millimetre apart, rows two. */
const oblong = { column: 0.5, row: 2 };

describe('lengths', () => {
  it('are those of the hand', () => {
    expect(lengthBetween([1, 2], [4, 6], square)).toBe(5);
    expect(lengthBetween([1, 2], [4, 6], { column: 0.2, row: 0.2 })).toBeCloseTo(1);
  });

  it('follow pixels that are not square', () => {
    expect(lengthBetween([0, 0], [10, 0], oblong)).toBe(5);
    expect(lengthBetween([0, 0], [0, 10], oblong)).toBe(20);
    // 6 columns are 3 mm, 2 rows are 4 mm.
    expect(lengthBetween([0, 0], [6, 2], oblong)).toBe(5);
  });
});

describe('angles', () => {
  it('are those at the corner', () => {
    expect(angleAt([5, 0], [0, 0], [0, 5], square)).toBeCloseTo(90);
    expect(angleAt([5, 0], [0, 0], [-5, 0], square)).toBeCloseTo(180);
    expect(angleAt([1, 0], [0, 0], [1, Math.sqrt(3)], square)).toBeCloseTo(60);
  });

  it('follow pixels that are not square', () =>
    // 4 columns and 1 row are 2 mm each.
    expect(angleAt([4, 0], [0, 0], [4, 1], oblong)).toBeCloseTo(45));

  it('are none where a leg has no length', () => expect(angleAt([0, 0], [0, 0], [0, 5], square)).toBe(0));

  it('of Cobb do not depend on which way the lines were drawn', () => {
    const [level, steep] = [
      [
        [0, 0],
        [10, 0],
      ],
      [
        [0, 20],
        [10, 20 + 10 * Math.tan((25 * Math.PI) / 180)],
      ],
    ] as const;
    const turned = [steep[1], steep[0]] as const;
    expect(cobbAngle(level, steep, square)).toBeCloseTo(25);
    expect(cobbAngle(level, turned, square)).toBeCloseTo(25);
    expect(cobbAngle(turned, level, square)).toBeCloseTo(25);
  });
});

describe('areas', () => {
  it('of a rectangle and of the ellipse in it', () => {
    expect(rectangleArea([10, 20], [4, 12], square)).toBe(48);
    expect(rectangleArea([10, 20], [4, 12], oblong)).toBe(48);
    expect(ellipseArea([0, 0], [4, 4], square)).toBeCloseTo(Math.PI * 4);
    expect(ellipseArea([0, 0], [4, 6], { column: 0.5, row: 0.5 })).toBeCloseTo(Math.PI * 1 * 1.5);
  });

  it('of an outline, drawn either way round', () => {
    const triangle = [
      [0, 0],
      [8, 0],
      [0, 6],
    ] as const;
    expect(polygonArea(triangle, square)).toBe(24);
    expect(polygonArea(triangle.toReversed(), square)).toBe(24);
    expect(polygonArea(triangle, oblong)).toBe(24);
    expect(polygonArea(triangle, { column: 0.1, row: 0.1 })).toBeCloseTo(0.24);
  });

  it('of less than three points are none', () => {
    expect(polygonArea([], square)).toBe(0);
    expect(polygonArea([[3, 4]], square)).toBe(0);
  });
});
