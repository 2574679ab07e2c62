import { describe, expect, it } from 'vitest';
import type { Placement } from '../imaging/placement';
import { seenView, turnOf } from './view';

function placed(right: readonly [number, number], down: readonly [number, number]): Placement {
  return { corner: [10, 20], right, down, width: 100, height: 50 };
}

describe('how a picture is turned', () => {
  it.each([
    [0, false, [1, 0], [0, 1]],
    // Turned to the right, what was above is at the right.
    [90, false, [0, -1], [1, 0]],
    [180, false, [-1, 0], [0, -1]],
    [270, false, [0, 1], [-1, 0]],
    [0, true, [-1, 0], [0, 1]],
    // Upside down in a mirror.
    [180, true, [1, 0], [0, -1]],
    // Turned to the right and then flipped, what was above is at the left.
    [90, true, [0, 1], [1, 0]],
    [270, true, [0, -1], [-1, 0]],
  ] as const)('is %i degrees clockwise and then, if so, flipped: %s', (rotation, isFlipped, right, down) =>
    expect(turnOf(placed(right, down))).toEqual({ rotation, isFlipped }),
  );
});

it('what is displayed is what lies in the corners of the viewport', () =>
  expect(seenView(placed([2, 0], [0, 2]), { window: undefined, isInverted: false, aspect: 1 })).toMatchObject({
    topLeft: [10, 20],
    bottomRight: [210, 120],
  }));
