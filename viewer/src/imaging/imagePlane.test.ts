import { describe, expect, it } from 'vitest';
import { frameOfReferenceUid } from '../dicomweb/uid';
import type { Frame } from './frames';
import {
  type ImagePlane,
  isLinkable,
  nearestFrame,
  planeOfFrame,
  sliceThicknessMm,
  toPatient,
  toPicture,
} from './imagePlane';
import { referenceLine } from './referenceLine';
import { aFrame } from './testFrame';
import type { Vector3 } from './vector';

const uid = frameOfReferenceUid('1.2.3') as NonNullable<ReturnType<typeof frameOfReferenceUid>>;
const other = frameOfReferenceUid('1.2.4') as typeof uid;

function frame(position: Vector3, row: Vector3, column: Vector3, more: Partial<Frame> = {}): Frame {
  return aFrame({
    frameOfReferenceUid: uid,
    position,
    plane: { row, column },
    spacing: { rowMm: 2, columnMm: 1, source: 'patient' },
    rows: 50,
    columns: 100,
    ...more,
  });
}

const plane = (given: Frame) => planeOfFrame(given) as ImagePlane;
const axial = (z: number, more: Partial<Frame> = {}) => frame([-50, -50, z], [1, 0, 0], [0, 1, 0], more);
const sagittal = (x: number, more: Partial<Frame> = {}) => frame([x, -50, 50], [0, 1, 0], [0, 0, -1], more);

describe('a plane', () => {
  it('takes columns along the rows and rows along the columns (PS3.3 C.7.6.2.1.1)', () => {
    expect(toPatient(plane(axial(7)), [10, 20])).toEqual([-40, -10, 7]);
    expect(toPatient(plane(sagittal(7)), [10, 20])).toEqual([7, -40, 10]);
  });

  it('finds the picture point under a point, and back', () => {
    expect(toPicture(plane(sagittal(7)), [99, -40, 10])).toEqual([10, 20]);
  });

  it('is not known without its place or with a spacing at the detector', () => {
    expect(planeOfFrame(axial(0, { position: undefined }))).toBeUndefined();
    expect(planeOfFrame(axial(0, { frameOfReferenceUid: undefined }))).toBeUndefined();
    expect(planeOfFrame(axial(0, { spacing: { rowMm: 1, columnMm: 1, source: 'detector' } }))).toBeUndefined();
  });
});

describe('scrolling together', () => {
  const tilted = (degrees: number): Vector3 => {
    const angle = (degrees * Math.PI) / 180;
    return [0, Math.cos(angle), Math.sin(angle)];
  };

  it('is for parallel planes of one Frame of Reference, also where one is looked at from behind', () => {
    expect(isLinkable(plane(axial(0)), plane(axial(9)))).toBe(true);
    expect(isLinkable(plane(axial(0)), plane(frame([0, 0, 0], [1, 0, 0], [0, -1, 0])))).toBe(true);
    expect(isLinkable(plane(axial(0)), plane(sagittal(0)))).toBe(false);
    expect(isLinkable(plane(axial(0)), plane(axial(0, { frameOfReferenceUid: other })))).toBe(false);
  });

  it('bears a tilt of two degrees and no more than that of a gantry', () => {
    expect(isLinkable(plane(axial(0)), plane(frame([0, 0, 0], [1, 0, 0], tilted(2))))).toBe(true);
    expect(isLinkable(plane(axial(0)), plane(frame([0, 0, 0], [1, 0, 0], tilted(5))))).toBe(false);
  });

  it('goes to the nearest plane', () => {
    const stack = [40, 30, 20, 10, 0].map((z) => axial(z));
    expect(nearestFrame(stack, [0, 0, 22], uid, 0)).toEqual({ index: 2, distanceMm: 2 });
    expect(nearestFrame(stack, [0, 0, 99], uid, 4)?.index).toBe(0);
    expect(nearestFrame(stack, [0, 0, 22], other, 0)).toBeUndefined();
  });

  it('stays in the phase it is in where several frames lie at one place', () => {
    const phases = [0, 0, 0, 10, 10, 10].map((z) => axial(z));
    expect(nearestFrame(phases, [0, 0, 9], uid, 5)?.index).toBe(5);
    expect(nearestFrame(phases, [0, 0, 1], uid, 5)?.index).toBe(2);
  });

  it('leaves out frames whose place is not known', () =>
    expect(nearestFrame([axial(0, { position: undefined }), axial(50)], [0, 0, 0], uid, 0)?.index).toBe(1));
});

it('a slice reaches half-way to its neighbours, or as far as it is thick', () => {
  const stack = [axial(0), axial(4), axial(10)];
  expect(sliceThicknessMm(stack, 0)).toBe(4);
  expect(sliceThicknessMm(stack, 1)).toBe(6);
  expect(sliceThicknessMm([axial(0, { thicknessMm: 3 })], 0)).toBe(3);
  expect(sliceThicknessMm([axial(0)], 0)).toBe(0);
});

describe('a reference line', () => {
  const rounded = (line: ReturnType<typeof referenceLine>) =>
    line
      ?.map((point) => point.map((value) => Math.round(value * 100) / 100 + 0))
      .sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);

  it('is where one picture cuts the other, as far as both reach', () => {
    // An axial picture at 10 mm is 40 mm below the first row of the sagittal one, whose rows are 2 mm apart.
    expect(rounded(referenceLine(plane(axial(10)), plane(sagittal(0))))).toEqual([
      [-0.5, 20],
      [99, 20],
    ]);
    expect(rounded(referenceLine(plane(sagittal(20)), plane(axial(0))))).toEqual([
      [70, -0.25],
      [70, 49.5],
    ]);
  });

  it('is cut off where the other picture ends', () => {
    const small = axial(0, { rows: 10, columns: 10 });
    expect(rounded(referenceLine(plane(sagittal(-45)), plane(small)))).toEqual([
      [5, -0.25],
      [5, 9.5],
    ]);
    expect(referenceLine(plane(sagittal(20)), plane(small))).toBeUndefined();
  });

  it('is oblique where the picture is', () => {
    const half = Math.SQRT1_2;
    const oblique = frame([0, -50, 0], [0, 1, 0], [half, 0, -half]);
    expect(rounded(referenceLine(plane(oblique), plane(axial(-20))))).toEqual([
      [70, -0.25],
      [70, 49.5],
    ]);
  });

  it('is not where planes are parallel, do not reach each other or are of another Frame of Reference', () => {
    expect(referenceLine(plane(axial(10)), plane(axial(20)))).toBeUndefined();
    expect(referenceLine(plane(axial(10)), plane(axial(10)))).toBeUndefined();
    expect(referenceLine(plane(axial(80)), plane(sagittal(0)))).toBeUndefined();
    expect(referenceLine(plane(axial(10)), plane(sagittal(0, { frameOfReferenceUid: other })))).toBeUndefined();
  });
});
