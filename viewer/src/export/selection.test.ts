import { describe, expect, it } from 'vitest';
import { type Chosen, chosenIndices, stepFor } from './selection';

const chosen: Chosen = { selection: 'every', step: 4, from: 3, to: 5 };

describe('the images of a print', () => {
  it('are every n-th of the series', () => expect(chosenIndices(chosen, 2, 10)).toEqual([0, 4, 8]));

  it('are those of a range, as far as there are any', () => {
    const range = { ...chosen, selection: 'range' } as const;
    expect(chosenIndices(range, 0, 10)).toEqual([2, 3, 4]);
    expect(chosenIndices(range, 0, 4)).toEqual([2, 3]);
    expect(chosenIndices({ ...range, from: 0, to: -1 }, 0, 10)).toEqual([]);
  });

  it('are the one that is shown', () =>
    expect(chosenIndices({ ...chosen, selection: 'viewport' }, 7, 10)).toEqual([7]));

  it('are spread over a page', () => {
    expect(stepFor(60, 20)).toBe(3);
    expect(stepFor(61, 20)).toBe(4);
    expect(chosenIndices({ ...chosen, step: stepFor(61, 20) }, 0, 61)).toHaveLength(16);
    expect(stepFor(1, 20)).toBe(1);
  });
});
