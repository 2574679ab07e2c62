import { describe, expect, it } from 'vitest';
import { capturePlacement, fittedPlacement, mostPixels } from './capture';
import { middle, type Placement, screenAt } from './placement';

/** 100 × 50 pixels of an image, twice as large, in the middle of a viewport of 400 × 300. */
const placement: Placement = { corner: [-50.5, -50.5], right: [0.5, 0], down: [0, 0.5], width: 400, height: 300 };
const extent = { columns: 100, rows: 50 };

describe('a capture', () => {
  it('of a viewport shows all of it', () => {
    const captured = capturePlacement(placement, extent, 'viewport', 1600);
    expect([captured.width, captured.height]).toEqual([1600, 1200]);
    expect(captured.corner).toEqual(placement.corner);
    expect(captured.right).toEqual([0.125, 0]);
  });

  it('of an image leaves out the empty margin', () => {
    const captured = capturePlacement(placement, extent, 'image', 1000);
    expect([captured.width, captured.height]).toEqual([1000, 500]);
    expect(captured.corner).toEqual([-0.5, -0.5]);
  });

  it('has the pixels of the image where these are more, and no more than the most', () => {
    const small: Placement = { corner: [-0.5, -0.5], right: [8, 0], down: [0, 8], width: 400, height: 300 };
    expect(capturePlacement(small, { columns: 3200, rows: 2400 }, 'image', 1000).width).toBe(3200);
    const larger = { ...small, right: [20, 0] as const, down: [0, 20] as const };
    expect(capturePlacement(larger, { columns: 8000, rows: 6000 }, 'image', 1000).width).toBe(mostPixels);
  });

  it('of an image that was moved out of sight is the viewport', () => {
    const away = { ...placement, corner: [500, 500] as const };
    expect(capturePlacement(away, extent, 'image', 400).height).toBe(300);
  });
});

describe('an image of another size', () => {
  it('is wholly in sight and in the middle, turned as the one before', () => {
    const turned: Placement = { corner: [0, 99], right: [0, -0.5], down: [0.5, 0], width: 400, height: 300 };
    const fitted = fittedPlacement(turned, { columns: 30, rows: 80 });
    expect(middle(fitted)).toEqual([14.5, 39.5]);
    expect(fitted.right[0]).toBeCloseTo(0);
    const corners = [screenAt(fitted, [-0.5, -0.5]), screenAt(fitted, [29.5, 79.5])];
    for (const corner of corners) {
      expect(corner?.[0]).toBeGreaterThanOrEqual(-0.001);
      expect(corner?.[0]).toBeLessThanOrEqual(400.001);
      expect(corner?.[1]).toBeGreaterThanOrEqual(-0.001);
      expect(corner?.[1]).toBeLessThanOrEqual(300.001);
    }
  });
});
