import { describe, expect, it } from 'vitest';
import { magnificationTo, offsetTo } from './seen';

/** Two screen pixels for a column, the first column at the left edge. */
const placement = {
  corner: [-0.5, -0.5],
  right: [0.5, 0],
  down: [0, 0.5],
  width: 800,
  height: 400,
} as const;

describe('a field of the quick pictures', () => {
  it('is magnified to', () => {
    expect(magnificationTo({ middle: [0, 0], half: 100 }, placement)).toBe(1);
    expect(magnificationTo({ middle: [0, 0], half: 50 }, placement)).toBe(2);
  });

  it('is moved to the middle', () => {
    expect(offsetTo({ middle: [199.5, 99.5], half: 100 }, placement)).toEqual([0, 0]);
    expect(offsetTo({ middle: [99.5, 109.5], half: 100 }, placement)).toEqual([200, -20]);
  });

  it('is found on a picture that is turned', () => {
    const turned = { ...placement, right: [0, 0.5], down: [-0.5, 0] } as const;
    const [x, y] = offsetTo({ middle: [-100.5, 199.5], half: 100 }, turned);
    expect([x, y]).toEqual([0, 0]);
  });
});
