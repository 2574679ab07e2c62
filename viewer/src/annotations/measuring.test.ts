import { describe, expect, it } from 'vitest';
import type { SeriesInstanceUid, SopInstanceUid } from '../dicomweb/uid';
import { aFrame } from '../imaging/testFrame';
import { measured, resized } from './kinds';
import { measuringOf } from './measuring';
import type { Annotation } from './model';

const line: Annotation = {
  uid: '2.25.1',
  kind: 'length',
  image: {
    seriesInstanceUid: '1.3' as SeriesInstanceUid,
    sopClassUid: '1.2',
    sopInstanceUid: '1.2.3.4' as SopInstanceUid,
    frameNumber: undefined,
  },
  points: [
    [0, 0],
    [30, 40],
  ],
  label: '',
  labelAt: undefined,
  measures: [],
  sizeSource: 'none',
};
const known: Annotation = {
  ...line,
  uid: '2.25.2',
  kind: 'calibration',
  points: [
    [0, 0],
    [0, 20],
  ],
  measures: [{ quantity: 'length', value: 10, unit: 'mm' }],
};

function lengthOn(frame: Parameters<typeof aFrame>[0], annotations: readonly Annotation[] = [], drawn = line) {
  const { measures, sizeSource } = measured(drawn, measuringOf(aFrame(frame), drawn, annotations, undefined));
  return { length: measures[0]?.value, unit: measures[0]?.unit, sizeSource };
}

describe('a length', () => {
  it('is in pixels without a calibration, and says so', () =>
    expect(lengthOn({})).toEqual({ length: 50, unit: 'pixels', sizeSource: 'none' }));

  it('is in millimetres where the header says how large pixels are', () =>
    expect(lengthOn({ spacing: { rowMm: 0.5, columnMm: 0.5, source: 'patient' } })).toEqual({
      length: 25,
      unit: 'mm',
      sizeSource: 'patient',
    }));

  it('says that it is at the detector', () =>
    expect(lengthOn({ spacing: { rowMm: 0.2, columnMm: 0.2, source: 'detector' } })).toEqual({
      length: 10,
      unit: 'mm',
      sizeSource: 'detector',
    }));

  it('follows a known length on its instance, in the shape of the pixels that the header gives', () => {
    expect(lengthOn({}, [known])).toEqual({ length: 25, unit: 'mm', sizeSource: 'manual' });
    // Twice as high as wide: 20 rows are 10 mm, 30 columns 7.5 mm.
    const oblong = lengthOn({ spacing: { rowMm: 2, columnMm: 1, source: 'patient' } }, [known]);
    expect(oblong).toEqual({ length: Math.hypot(7.5, 20), unit: 'mm', sizeSource: 'manual' });
    const elsewhere = { ...known, image: { ...known.image, sopInstanceUid: '1.9' as SopInstanceUid } };
    expect(lengthOn({}, [elsewhere]).sizeSource).toBe('none');
  });

  it('in ultrasound is by the region that it lies in, and by none outside of all', () => {
    const regions = [
      { left: 0, top: 0, right: 99, bottom: 99, columnMm: 0.1, rowMm: 0.2 },
      { left: 100, top: 0, right: 199, bottom: 99, columnMm: 1, rowMm: 1 },
    ];
    const frame = { spacing: { columnMm: 0.1, rowMm: 0.2, source: 'region' }, regions } as const;
    const moved = (right: number) => ({ ...line, points: line.points.map(([x, y]) => [x + right, y] as const) });
    expect(lengthOn(frame)).toEqual({ length: Math.hypot(3, 8), unit: 'mm', sizeSource: 'region' });
    expect(lengthOn(frame, [], moved(110))).toEqual({ length: 50, unit: 'mm', sizeSource: 'region' });
    // From one region into the other there is no length.
    expect(lengthOn(frame, [], moved(80))).toEqual({ length: 50, unit: 'pixels', sizeSource: 'none' });
  });
});

describe('values', () => {
  const region: Annotation = {
    ...line,
    kind: 'rectangle',
    points: [
      [-0.5, -0.5],
      [1.5, 0.5],
    ],
  };
  const values = { pixels: Float32Array.of(100, 300), columns: 2, rows: 1, padding: undefined };
  const uptake = aFrame({ values: { unit: 'SUVbw', factor: 0.01, isLossy: false } });

  it('are in the unit of the frame', () =>
    expect(measured(region, measuringOf(uptake, region, [], values)).measures).toEqual([
      { quantity: 'area', value: 2, unit: 'pixels2' },
      { quantity: 'mean', value: 2, unit: 'SUVbw' },
      { quantity: 'deviation', value: 1, unit: 'SUVbw' },
      { quantity: 'minimum', value: 1, unit: 'SUVbw' },
      { quantity: 'maximum', value: 3, unit: 'SUVbw' },
    ]));

  it('stay when sizes change', () => {
    const before = measured(region, measuringOf(uptake, region, [], values));
    const after = resized(before, measuringOf(uptake, region, [known], undefined));
    expect(after.measures).toEqual([{ quantity: 'area', value: 0.5, unit: 'mm2' }, ...before.measures.slice(1)]);
    expect(after.sizeSource).toBe('manual');
  });
});
