import { describe, expect, it } from 'vitest';
import { directionLetters, edgeLetters, isPlane, oppositeLetters, type PlaneOrientation } from './orientation';
import type { Vector3 } from './vector';

const axial: PlaneOrientation = { row: [1, 0, 0], column: [0, 1, 0] };
const sagittal: PlaneOrientation = { row: [0, 1, 0], column: [0, 0, -1] };
const coronal: PlaneOrientation = { row: [1, 0, 0], column: [0, 0, -1] };
const upright = [
  [1, 0],
  [0, 1],
] as const;

describe('letters of a direction', () => {
  const check = (direction: Vector3, expected: string) => expect(directionLetters(direction)).toBe(expected);

  it('names the six axes', () => {
    check([1, 0, 0], 'L');
    check([-1, 0, 0], 'R');
    check([0, 1, 0], 'P');
    check([0, -1, 0], 'A');
    check([0, 0, 1], 'H');
    check([0, 0, -1], 'F');
  });

  it('names oblique directions by their strongest component first', () => {
    check([0.8, 0.6, 0], 'LP');
    check([0.6, -0.8, 0], 'AL');
    check([0.6, 0.6, -0.53], 'LPF');
  });

  it('leaves out components that are hardly there', () => check([0.99, 0.14, 0], 'L'));

  it('has no letters for no direction', () => check([0, 0, 0], ''));
});

describe('letters at the edges', () => {
  const letters = (plane: PlaneOrientation, right: readonly [number, number], down: readonly [number, number]) => {
    const { left, right: r, top, bottom } = edgeLetters({ kind: 'plane', plane }, right, down);
    return [left, r, top, bottom].join(' ');
  };

  it('shows the three standard planes as radiologists read them', () => {
    expect(letters(axial, ...upright)).toBe('R L A P');
    expect(letters(sagittal, ...upright)).toBe('A P H F');
    expect(letters(coronal, ...upright)).toBe('R L H F');
  });

  it('follows a quarter turn to the right', () => {
    // The picture's columns, downwards before, now point to the left; its rows point down.
    expect(letters(axial, [0, -1], [1, 0])).toBe('P A R L');
  });

  it('follows flips', () => {
    expect(letters(axial, [-1, 0], [0, 1])).toBe('L R A P');
    expect(letters(axial, [1, 0], [0, -1])).toBe('R L P A');
  });

  it('shows two letters on oblique planes', () => {
    const tilted: PlaneOrientation = { row: [1, 0, 0], column: [0, 0.8, -0.6] };
    expect(letters(tilted, ...upright)).toBe('R L AH PF');
  });

  it('uses Patient Orientation where there is no plane, turned and flipped with the picture', () => {
    const source = { kind: 'letters', row: 'L', column: 'F' } as const;
    expect(edgeLetters(source, [1, 0], [0, 1])).toEqual({ left: 'R', right: 'L', top: 'H', bottom: 'F' });
    expect(edgeLetters(source, [0, -1], [1, 0])).toEqual({ left: 'F', right: 'H', top: 'R', bottom: 'L' });
    expect(edgeLetters(source, [-1, 0], [0, 1])).toEqual({ left: 'L', right: 'R', top: 'H', bottom: 'F' });
  });
});

describe('opposites and planes', () => {
  it('turns every letter round', () => expect(oppositeLetters('LPH')).toBe('RAF'));

  it('accepts unit vectors at right angles only', () => {
    expect(isPlane([1, 0, 0], [0, 1, 0])).toBe(true);
    expect(isPlane([1, 0, 0], [1, 0, 0])).toBe(false);
    expect(isPlane([0, 0, 0], [0, 1, 0])).toBe(false);
    expect(isPlane([2, 0, 0], [0, 1, 0])).toBe(false);
  });
});
