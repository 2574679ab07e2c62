import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import { automaticWindow, draggedWindow, fullRange, rangeOf, windowOf, windowsOf } from './window';

const element = (vr: string, ...Value: unknown[]) => ({ vr, Value });

describe('windows of an image', () => {
  it('pairs centres with widths and explanations', () => {
    const dataSet: DataSet = {
      '00281050': element('DS', 40, '-600'),
      '00281051': element('DS', 400, '1500'),
      '00281055': element('LO', 'SOFT', 'LUNG'),
    };
    expect(windowsOf(dataSet)).toEqual([
      { center: 40, width: 400, voiFunction: 'LINEAR', explanation: 'SOFT' },
      { center: -600, width: 1500, voiFunction: 'LINEAR', explanation: 'LUNG' },
    ]);
  });

  it('drops windows without a usable width', () => {
    expect(windowsOf({ '00281050': element('DS', 40, 50), '00281051': element('DS', 0) })).toEqual([]);
    expect(windowsOf({})).toEqual([]);
  });

  it('keeps the function it names', () => {
    const dataSet = {
      '00281050': element('DS', 1),
      '00281051': element('DS', 2),
      '00281056': element('CS', 'SIGMOID'),
    };
    expect(windowsOf(dataSet)[0]?.voiFunction).toBe('SIGMOID');
  });
});

describe('range of a window', () => {
  it('follows PS3.3 C.11.2.1.2.1 for LINEAR', () => {
    // Note 3 there: centre 2048, width 4096 takes 0 to black and 4095 to white.
    expect(rangeOf({ center: 2048, width: 4096, voiFunction: 'LINEAR' })).toEqual({ lower: 0, upper: 4095 });
    expect(rangeOf({ center: 0, width: 1, voiFunction: 'LINEAR' })).toEqual({ lower: -0.5, upper: -0.5 });
  });

  it('follows C.11.2.1.3.2 for LINEAR_EXACT', () =>
    expect(rangeOf({ center: 2, width: 4, voiFunction: 'LINEAR_EXACT' })).toEqual({ lower: 0, upper: 4 }));

  it('comes back from a range', () => {
    for (const kind of ['LINEAR', 'LINEAR_EXACT'] as const) {
      expect(rangeOf(windowOf({ lower: -160, upper: 240 }, kind))).toEqual({ lower: -160, upper: 240 });
    }
  });
});

describe('dragging', () => {
  const window = { center: 40, width: 400, voiFunction: 'LINEAR' } as const;

  it('widens to the right and moves the centre downwards with the hand', () => {
    const dragged = draggedWindow(window, 30, 30);
    expect(dragged.width).toBeGreaterThan(window.width);
    expect(dragged.center).toBeGreaterThan(window.center);
  });

  it('never closes the window', () => expect(draggedWindow(window, -100_000, 0).width).toBe(2));

  it('moves by shares of the width', () => {
    const wide = draggedWindow({ ...window, width: 40_000 }, 10, 0).width - 40_000;
    expect(wide / 40_000).toBeCloseTo((draggedWindow(window, 10, 0).width - 400) / 400);
  });
});

describe('the automatic window', () => {
  it('leaves out padding', () => {
    const pixels = Int16Array.from({ length: 1000 }, (_, index) => (index < 500 ? -2000 : index - 500));
    const { lower, upper } = rangeOf(automaticWindow(pixels, { lower: -2000.5, upper: -1999.5 }));
    expect(lower).toBeGreaterThanOrEqual(0);
    expect(upper).toBeGreaterThan(480);
    expect(upper).toBeLessThanOrEqual(499);
  });

  it('leaves out a whole range of padding', () => {
    // A noisy background from 0 to 99, and the breast from 1000 to 1499.
    const pixels = Int16Array.from({ length: 1000 }, (_, index) => (index < 500 ? index % 100 : index + 500));
    const { lower, upper } = rangeOf(automaticWindow(pixels, { lower: -0.5, upper: 99.5 }));
    expect([lower, upper]).toEqual([1002, 1497]);
  });

  it('ignores a few extreme pixels', () => {
    const pixels = Int16Array.from({ length: 10_000 }, (_, index) => index % 100);
    pixels[5] = 32_000;
    expect(rangeOf(automaticWindow(pixels, undefined)).upper).toBeLessThan(101);
  });

  it('has a width for a flat or empty picture', () => {
    expect(automaticWindow(new Int16Array(100).fill(7), undefined).width).toBeGreaterThan(0);
    expect(automaticWindow(new Int16Array(), undefined).width).toBeGreaterThan(0);
    expect(automaticWindow(Float32Array.of(Number.NaN), undefined).width).toBeGreaterThan(0);
  });

  it('keeps fractions', () => {
    const pixels = Float32Array.from({ length: 1000 }, (_, index) => index / 1000);
    expect(automaticWindow(pixels, undefined).width).toBeLessThan(1.1);
  });
});

describe('the full range', () => {
  it('is that of the values without padding', () => {
    expect(fullRange([0, 5, 1000, 1200], { lower: -0.5, upper: 10.5 })).toEqual({ lower: 1000, upper: 1200 });
    expect(fullRange([0, Number.NaN, -3], undefined)).toEqual({ lower: -3, upper: 0 });
  });

  it('is none where nothing is measured', () => {
    expect(fullRange([0, 0], { lower: -0.5, upper: 0.5 })).toBeUndefined();
    expect(fullRange([], undefined)).toBeUndefined();
  });
});
