import { describe, expect, it } from 'vitest';
import { fieldOf, fitted, isFitted, lookAt, neededSide, panned, rectangle, zoomed } from './geometry';

const shape = { columns: 512, rows: 512, aspect: 1 };
const area = { width: 800, height: 400 };

describe('a picture in its area', () => {
  it('is whole and in the middle at first', () => {
    expect(rectangle(shape, area, fitted)).toEqual({ x: 200, y: 0, width: 400, height: 400 });
    expect(rectangle({ ...shape, aspect: 2 }, area, fitted)).toEqual({ x: 300, y: 0, width: 200, height: 400 });
  });

  it('keeps the point that it is magnified about', () => {
    const larger = rectangle(shape, area, zoomed(shape, area, fitted, 2, [300, 100]));
    expect(larger).toEqual({ x: 100, y: -100, width: 800, height: 800 });
  });

  it('does not leave the area', () => {
    expect(panned(shape, area, fitted, 10_000, -10_000).middle).toEqual([0, 1]);
  });

  it('is the same in another area by its field', () => {
    const look = zoomed(shape, area, fitted, 3, [300, 100]);
    const field = fieldOf(shape, area, look);
    expect(fieldOf(shape, area, fitted)).toBeUndefined();
    const other = { width: 300, height: 700 };
    const there = field && lookAt(shape, other, field);
    expect(there && isFitted(there)).toBe(false);
    expect(there && fieldOf(shape, other, there)?.half).toBeCloseTo(field?.half ?? 0);
    expect(there?.middle[0]).toBeCloseTo(look.middle[0]);
  });

  it('is asked for no larger than it is seen, nor than it is', () => {
    expect(neededSide(shape, { width: 200, height: 200 }, fitted, 1)).toBe(256);
    expect(neededSide(shape, area, fitted, 1)).toBe(512);
    expect(neededSide(shape, area, { ...fitted, zoom: 8 }, 2)).toBe(512);
    expect(neededSide({ ...shape, columns: 3000 }, area, { ...fitted, zoom: 8 }, 2)).toBe(2048);
  });
});
