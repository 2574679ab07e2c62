import { describe, expect, it } from 'vitest';
import { coloursOf, type PaletteId, paletteIds } from './palettes';

/** An entry of the table, read off the straight lines. */
function entry(id: PaletteId, at: number): number[] {
  const points = coloursOf(id, { lower: 0, upper: 255 });
  const after = points.findIndex(({ value }) => value >= at - 1e-9);
  const [high, low] = [points[after], points[Math.max(after - 1, 0)]];
  if (!high || !low) {
    throw new Error(`no entry ${at}`);
  }
  const share = high.value === low.value ? 1 : (at - low.value) / (high.value - low.value);
  return [0, 1, 2].map((channel) => {
    const [a, b] = [low.colour[channel] ?? 0, high.colour[channel] ?? 0];
    return 255 * (a + share * (b - a));
  });
}

describe('colour palettes', () => {
  // Entries of the tables of PS3.6 annex B.1.
  it.each([
    ['hotIron', 0, [0, 0, 0]],
    ['hotIron', 64, [128, 0, 0]],
    ['hotIron', 127, [254, 0, 0]],
    ['hotIron', 160, [255, 64, 0]],
    ['hotIron', 254, [255, 252, 252]],
    ['pet', 31, [0, 62, 61]],
    ['pet', 95, [63, 64, 189]],
    ['pet', 192, [255, 128, 0]],
    ['hotMetalBlue', 102, [50, 0, 200]],
    ['hotMetalBlue', 170, [255, 96, 0]],
    ['pet20Step', 25, [96, 0, 80]],
    ['pet20Step', 26, [48, 48, 80]],
    ['pet20Step', 229, [176, 48, 0]],
    ['pet20Step', 255, [255, 255, 255]],
    ['spring', 255, [255, 255, 0]],
    ['summer', 255, [0, 128, 254]],
    ['fall', 0, [255, 255, 0]],
    ['winter', 0, [0, 0, 255]],
  ] as const)('%s has entry %i as the standard tables it', (id, at, colour) => {
    entry(id, at).forEach((value, channel) => {
      expect(Math.abs(value - (colour[channel] ?? -1))).toBeLessThanOrEqual(1.5);
    });
  });

  it('are spread over the range that is asked for', () => {
    for (const id of paletteIds) {
      const points = coloursOf(id, { lower: 2, upper: 7 });
      expect([points[0]?.value, points.at(-1)?.value]).toEqual([2, 7]);
    }
  });
});
