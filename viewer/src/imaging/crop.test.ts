import { describe, expect, it } from 'vitest';
import { boxOf, edgesOf, faceAt, faceIds, inward, middleOfFace, withFace } from './crop';
import type { VoxelGrid } from './volumeGeometry';

/** Sagittal slices: columns run to the back, rows to the feet. */
const grid: VoxelGrid = {
  origin: [-10, -20, 30],
  directions: [
    [0, 1, 0],
    [0, 0, -1],
    [-1, 0, 0],
  ],
  spacing: [1, 2, 4],
  size: [40, 30, 5],
};
const whole = boxOf(grid);

describe('the box that a volume is cut to', () => {
  it('is that of the body, to the outer edges of the voxels', () => {
    expect(whole).toEqual({ low: [-28, -20.5, -29], high: [-8, 19.5, 31] });
  });

  it('moves one face at a time, within the whole and not beyond the opposite face', () => {
    const cut = withFace(whole, whole, 'left', -15);
    expect(cut).toEqual({ low: whole.low, high: [-15, 19.5, 31] });
    expect(faceAt(withFace(cut, whole, 'left', 100), 'left')).toBe(-8);
    expect(faceAt(withFace(cut, whole, 'right', 0), 'right')).toBe(-17);
    expect(faceAt(withFace(cut, whole, 'feet', -100), 'feet')).toBe(-29);
  });

  it('has six faces that look inward, and twelve edges', () => {
    for (const id of faceIds) {
      const middle = middleOfFace(whole, id);
      const toMiddle = whole.low.map((low, at) => (low + (whole.high[at] ?? 0)) / 2 - (middle[at] ?? 0));
      const along = inward(id).reduce((sum, value, at) => sum + value * (toMiddle[at] ?? 0), 0);
      expect(along).toBeGreaterThan(0);
    }
    expect(edgesOf(whole)).toHaveLength(12);
  });
});
