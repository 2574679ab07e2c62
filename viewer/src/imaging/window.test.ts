import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import {
  automaticWindow,
  curveOf,
  draggedWindow,
  fullRange,
  rangeOf,
  shade,
  type VoiWindow,
  windowOf,
  windowsOf,
} from './window';

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

  it('pairs them by place, also where one is empty', () => {
    const dataSet = {
      '00281050': { vr: 'DS', Value: [null, 40, 'none', 60] },
      '00281051': { vr: 'DS', Value: [10, 400, 20, 350] },
      '00281055': { vr: 'LO', Value: ['A', null, 'C', ' D '] },
    };
    expect(windowsOf(dataSet)).toEqual([
      { center: 40, width: 400, voiFunction: 'LINEAR' },
      { center: 60, width: 350, voiFunction: 'LINEAR', explanation: 'D' },
    ]);
  });

  it('is none with a width of zero or below, whatever the function', () => {
    for (const kind of ['LINEAR', 'LINEAR_EXACT', 'SIGMOID']) {
      const widths = (...Value: number[]) => ({
        '00281050': { vr: 'DS', Value: Value.map(() => 40) },
        '00281051': { vr: 'DS', Value },
        '00281056': element('CS', kind),
      });
      expect(windowsOf(widths(0, -400))).toEqual([]);
      expect(windowsOf(widths(0, 400)).map(({ width }) => width)).toEqual([400]);
    }
  });

  it('means the exact function where LINEAR could have no slope', () => {
    const ofWidth = (width: number) =>
      windowsOf({ '00281050': element('DS', 0.5), '00281051': element('DS', width) })[0]?.voiFunction;
    expect([ofWidth(0.98), ofWidth(1), ofWidth(2)]).toEqual(['LINEAR_EXACT', 'LINEAR', 'LINEAR']);
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

describe('the shade of a value', () => {
  const check = (window: VoiWindow, expected: readonly (readonly [value: number, shade: number])[]) => {
    for (const [value, wanted] of expected) {
      expect([value, shade(window, value)]).toEqual([value, expect.closeTo(wanted, 12)]);
    }
  };

  it('follows PS3.3 C.11.2.1.2.1 for LINEAR', () => {
    // Note 2 there: y = ((x - 2047.5) / 4095 + 0.5) * (ymax - ymin) + ymin.
    check({ center: 2048, width: 4096, voiFunction: 'LINEAR' }, [
      [-1, 0],
      [0, 0],
      [1024, (1024 - 2047.5) / 4095 + 0.5],
      [2047.5, 0.5],
      [4095, 1],
      [5000, 1],
    ]);
    // y = ((x + 0.5) / 99 + 0.5), from -50 to 49.
    check({ center: 0, width: 100, voiFunction: 'LINEAR' }, [
      [-50, 0],
      [-0.5, 0.5],
      [0, 0.5 / 99 + 0.5],
      [49, 1],
    ]);
  });

  it('is a step at a LINEAR width of 1: black up to half below the centre', () =>
    check({ center: 0, width: 1, voiFunction: 'LINEAR' }, [
      [-1, 0],
      [-0.5, 0],
      [-0.49, 1],
      [0, 1],
    ]));

  it('follows C.11.2.1.3.2 for LINEAR_EXACT', () => {
    check({ center: 2048, width: 4096, voiFunction: 'LINEAR_EXACT' }, [
      [0, 0],
      [1024, 0.25],
      [2048, 0.5],
      [4096, 1],
      [4097, 1],
    ]);
    check({ center: 0, width: 1, voiFunction: 'LINEAR_EXACT' }, [
      [-0.5, 0],
      [0, 0.5],
      [0.25, 0.75],
      [0.5, 1],
    ]);
  });

  it('follows C.11.2.1.3.1 for SIGMOID', () =>
    check({ center: 100, width: 40, voiFunction: 'SIGMOID' }, [
      [60, 1 / (1 + Math.exp(4))],
      [90, 1 / (1 + Math.exp(1))],
      [100, 0.5],
      [110, 1 / (1 + Math.exp(-1))],
      [140, 1 / (1 + Math.exp(-4))],
    ]));
});

describe('a VOI LUT', () => {
  const item = (first: number, ...entries: number[]) => ({
    '00283002': element('US', entries.length, first, 8),
    '00283003': element('LO', ' NEGATIVE '),
    '00283006': element('US', ...entries),
  });
  const windowOfItem = (...parameters: Parameters<typeof item>) => {
    const [window] = windowsOf({ '00283010': element('SQ', item(...parameters)) });
    if (!window) {
      throw new Error('no window');
    }
    return window;
  };

  it('comes after the windows, under its name, with the values that it has entries for', () => {
    const dataSet = {
      '00281050': element('DS', 40),
      '00281051': element('DS', 400),
      '00283010': element('SQ', item(10, 255, 128, 0), { '00283002': element('US', 2, 0, 8) }),
    };
    const [window, table, none] = windowsOf(dataSet);
    expect(window).toEqual({ center: 40, width: 400, voiFunction: 'LINEAR' });
    expect(table).toMatchObject({ center: 11.5, width: 3, explanation: 'NEGATIVE' });
    expect(table && rangeOf(table)).toEqual({ lower: 10, upper: 12 });
    expect(none).toBeUndefined();
    // Read once for all frames.
    expect(windowsOf(dataSet)[1]?.table).toBe(table?.table);
  });

  it('gives each value the shade of its entry, and the ends beyond', () => {
    const table = windowOfItem(10, 255, 51, 0);
    expect([9, 10, 11, 12, 99].map((value) => shade(table, value))).toEqual([1, 1, 0.2, 0, 0]);
    expect(curveOf(table)).toEqual([
      { value: 10, shade: 1 },
      { value: 11, shade: 0.2 },
      { value: 12, shade: 0 },
    ]);
  });

  it('is drawn by no more points than a graphics card tells apart, from the first entry to the last', () => {
    const long = curveOf(windowOfItem(-2048, ...Array.from({ length: 4096 }, (_, at) => at >> 4)));
    expect(long.length).toBe(1025);
    expect([long[0], long[256], long.at(-1)]).toEqual([
      { value: -2048, shade: 0 },
      { value: -1024, shade: 64 / 255 },
      { value: 2047, shade: 1 },
    ]);
    expect(curveOf(windowOfItem(5, 51)).map((point) => point.shade)).toEqual([0.2, 0.2]);
  });

  it('becomes a window when it is dragged', () =>
    expect(draggedWindow(windowOfItem(10, 255, 51, 0), 0, 0)).toEqual({
      center: 11.5,
      width: 3,
      voiFunction: 'LINEAR',
    }));
});

describe('the points a window is drawn by', () => {
  /** As a graphics card does: straight between points, level beyond them. */
  function drawn(window: VoiWindow, value: number): number {
    const points = curveOf(window);
    const after = points.findIndex((point) => point.value > value);
    const [from, to] = [points[after - 1] ?? points[0], points[after] ?? points.at(-1)];
    if (!from || !to || from.value >= to.value || after <= 0) {
      return (after === 0 ? points[0] : points.at(-1))?.shade ?? Number.NaN;
    }
    return from.shade + ((to.shade - from.shade) * (value - from.value)) / (to.value - from.value);
  }

  it('give the shades of the standard, to less than a step of the screen', () => {
    for (const voiFunction of ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'] as const) {
      for (const [center, width] of [
        [40, 400],
        [-600, 1500],
        [2048, 4096],
        [0.5, 2],
      ] as const) {
        const window: VoiWindow = { center, width, voiFunction };
        for (let at = -300; at <= 300; at += 7) {
          const value = center + (at / 100) * width;
          expect(Math.abs(drawn(window, value) - shade(window, value))).toBeLessThan(0.0005);
        }
      }
    }
  });

  it('have a slope at a width of 1, that no stored value falls on', () => {
    for (const center of [0, 1, -1024, 65_535]) {
      const window: VoiWindow = { center, width: 1, voiFunction: 'LINEAR' };
      const [black, white] = curveOf(window);
      expect(Math.fround(white?.value ?? 0)).toBeGreaterThan(Math.fround(black?.value ?? 0));
      expect([drawn(window, center - 1), drawn(window, center)]).toEqual([0, 1]);
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

  it('never closes the window, nor takes it where its function ends', () => {
    expect(draggedWindow(window, -100_000, 0).width).toBe(2);
    expect(draggedWindow({ ...window, width: 1.5 }, -100_000, 0).width).toBe(1);
    expect(draggedWindow({ ...window, voiFunction: 'SIGMOID' }, -100_000, 0).width).toBe(0.01);
  });

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
