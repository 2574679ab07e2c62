import { describe, expect, it } from 'vitest';
import { prefetchOrder, prefetchPlan } from './prefetchOrder';

const stack = (name: string, count: number, current: number, frameBytes = 1) => ({
  name,
  count,
  current,
  direction: 1 as const,
  frameBytes,
});
const planned = (stacks: ReturnType<typeof stack>[], budget: number) =>
  [...prefetchPlan(stacks, budget)].map(({ stack: { name }, index }) => `${name}${index}`);

describe('the order of a stack', () => {
  const order = (current: number, count: number, direction: 1 | -1) => prefetchOrder({ current, count, direction });

  it('goes outwards, the direction of movement first', () => {
    expect(order(2, 6, 1)).toEqual([3, 1, 4, 0, 5]);
    expect(order(2, 6, -1)).toEqual([1, 3, 0, 4, 5]);
  });

  it('names every other frame once', () => {
    for (const current of [0, 5, 9]) {
      expect(order(current, 10, 1).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 10 }, (_, index) => index).filter((index) => index !== current),
      );
    }
    expect(order(0, 1, 1)).toEqual([]);
  });
});

describe('the plan over several stacks', () => {
  it('takes the first stack before the others, and these by turns', () =>
    expect(planned([stack('a', 3, 0), stack('b', 3, 1), stack('c', 2, 0)], 100)).toEqual([
      'a1',
      'a2',
      'b2',
      'c1',
      'b0',
    ]));

  it('fits in memory with what is on the screen', () => {
    for (const budget of [2, 10, 30, 31, 100]) {
      const stacks = [stack('a', 50, 25, 1), stack('b', 50, 0, 2), stack('c', 50, 49, 3)];
      const held = [...prefetchPlan(stacks, budget)].reduce((sum, { stack: { frameBytes } }) => sum + frameBytes, 6);
      expect(held).toBeLessThanOrEqual(Math.max(budget, 6));
    }
  });

  it('leaves the others their share, and what they do not need to the first', () => {
    const share = (stacks: ReturnType<typeof stack>[]) =>
      planned(stacks, 100).filter((frame) => frame.startsWith('a')).length;
    expect(share([stack('a', 500, 0), stack('b', 500, 0)])).toBe(49);
    expect(share([stack('a', 500, 0), stack('b', 10, 0)])).toBe(89);
    expect(share([stack('a', 500, 0)])).toBe(99);
  });
});
