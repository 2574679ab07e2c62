import { describe, expect, it } from 'vitest';
import { frameOfReferenceUid } from '../dicomweb/uid';
import { magnification, type Seen, shift } from './alignment';
import { middle, type Placement, pictureAt, screenAt } from './placement';
import { aFrame } from './testFrame';

/** A picture with so many of its pixels on one of the screen, this point of it in the corner. */
function placed(steps: number, corner: readonly [number, number] = [0, 0]): Placement {
  return { corner, right: [steps, 0], down: [0, steps], width: 400, height: 200 };
}

const located = (spacingMm: number, x: number) =>
  aFrame({
    frameOfReferenceUid: frameOfReferenceUid('1.2'),
    position: [x, 0, 0],
    plane: { row: [1, 0, 0], column: [0, 1, 0] },
    spacing: { rowMm: spacingMm, columnMm: spacingMm, source: 'patient' },
    rows: 100,
    columns: 100,
  });
const seen = (frame: Seen['frame'], placement: Placement, mmPerPixel?: number): Seen => ({
  frame,
  placement,
  mmPerPixel,
});

describe('a placement', () => {
  it('goes from the screen to the picture and back, turned and flipped', () => {
    const turned: Placement = { corner: [10, 20], right: [0, -0.5], down: [-0.5, 0], width: 100, height: 100 };
    expect(pictureAt(turned, [10, 20])).toEqual([0, 15]);
    expect(screenAt(turned, [0, 15])).toEqual([10, 20]);
    expect(middle(turned)).toEqual([-15, -5]);
  });

  it('has no point on the screen for a picture without extent', () =>
    expect(screenAt({ ...placed(1), down: [0, 0] }, [1, 1])).toBeUndefined());
});

describe('a picture is brought to the size of another', () => {
  it('in millimetres', () =>
    expect(magnification(seen(located(1, 0), placed(1), 0.5), seen(located(2, 0), placed(1), 2))).toBe(4));

  it('in proportion where millimetres are not known', () => {
    const [small, large] = [aFrame({ rows: 100, columns: 100 }), aFrame({ rows: 400, columns: 400 })];
    expect(magnification(seen(small, placed(0.5)), seen(large, placed(4)))).toBe(2);
  });

  it('not without either', () =>
    expect(magnification(seen(aFrame({}), placed(0)), seen(aFrame({}), placed(0)))).toBeUndefined());
});

describe('a picture is brought to the place of another', () => {
  it('in the patient', () => {
    // In the middle of the first lies x = 200, y = 100; in the second that is the pixel 75, 50.
    const offset = shift(seen(located(1, 0), placed(1)), seen(located(2, 50), placed(1)));
    expect(offset).toEqual([200 - 75, 100 - 50]);
  });

  it('in proportion where the patient is not known', () => {
    const [small, large] = [aFrame({ rows: 100, columns: 100 }), aFrame({ rows: 200, columns: 200 })];
    const offset = shift(seen(small, placed(0.25)), seen(large, placed(0.5, [10, 0])));
    expect(offset).toEqual([20, 0]);
  });
});
