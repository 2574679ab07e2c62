import { describe, expect, it } from 'vitest';
import type { DataSet } from '../../dicomweb/dataSet';
import { Tag } from '../../dicomweb/tags';
import type { FrameOfReferenceUid, SopInstanceUid } from '../../dicomweb/uid';
import type { ImagePlane } from '../../imaging/imagePlane';
import { aFrame } from '../../imaging/testFrame';
import { colourOfLab } from './colour';
import { maskOf, pixelOn } from './mask';
import { belongsTo, contoursOn, framesOn } from './matching';
import type { Contour, SegmentFrame } from './model';
import { readOverlay } from './readOverlay';
import { OverlayTag } from './tags';

const space = '1.9' as FrameOfReferenceUid;
const slice = (uid: string, z: number) =>
  aFrame({
    sopInstanceUid: uid as SopInstanceUid,
    rows: 4,
    columns: 4,
    frameOfReferenceUid: space,
    position: [0, 0, z],
    plane: { row: [1, 0, 0], column: [0, 1, 0] },
    spacing: { rowMm: 2, columnMm: 2, source: 'patient' },
  });
const stack = [slice('1.1', 0), slice('1.2', 5), slice('1.3', 10)];
const plane = (position: [number, number, number], mm = 2): ImagePlane => ({
  frameOfReferenceUid: space,
  position,
  row: [1, 0, 0],
  column: [0, 1, 0],
  columnMm: mm,
  rowMm: mm,
  rows: 4,
  columns: 4,
});
const contour = (z: number, uid?: string): Contour => ({
  part: 1,
  shape: 'closed',
  points: [
    [0, 0, z],
    [4, 0, z],
    [4, 4, z],
  ],
  frameOfReferenceUid: space,
  references: uid === undefined ? [] : [{ sopInstanceUid: uid as SopInstanceUid, frames: [] }],
});
const segment = (known: Partial<SegmentFrame>): SegmentFrame => ({
  frameNumber: 1,
  segment: 1,
  plane: undefined,
  references: [],
  frameOfReferenceUid: space,
  points: [],
  ...known,
});

describe('what belongs to a picture', () => {
  it('is what names it', () => {
    const found = contoursOn([contour(99, '1.2'), contour(5)], stack, 1);
    expect(found.by).toBe('reference');
    expect(found.things).toHaveLength(1);
  });

  it('is what lies in its slice where nothing is named, and that is known', () => {
    expect(contoursOn([contour(6.5)], stack, 1)).toMatchObject({ by: 'position', things: [{ part: 1 }] });
    expect(contoursOn([contour(8)], stack, 1)).toEqual({ things: [], by: undefined });
    expect(contoursOn([contour(5, '1.3')], stack, 1).by).toBeUndefined();
  });

  it('is a frame of a multi-frame image if that is named', () => {
    const named = (frames: number[]) => segment({ references: [{ sopInstanceUid: '1.2' as SopInstanceUid, frames }] });
    expect(framesOn([named([1])], stack, 1).by).toBe('reference');
    expect(framesOn([named([2])], stack, 1).by).toBeUndefined();
  });

  it('is no frame that stands across it', () => {
    const parallel = segment({ plane: plane([0, 0, 5]), points: [[0, 0, 5]] });
    const across = segment({ plane: { ...plane([0, 0, 5]), column: [0, 0, 1] }, points: [[0, 0, 5]] });
    expect(framesOn([parallel, across], stack, 1).things).toEqual([parallel]);
  });

  it('is nothing of another Frame of Reference', () => {
    const other = { ...contour(5), frameOfReferenceUid: '1.8' as FrameOfReferenceUid };
    expect(contoursOn([other], stack, 1).by).toBeUndefined();
    const set = { kind: 'structures', sopInstanceUid: '2' as SopInstanceUid, label: undefined, parts: [] } as const;
    expect(belongsTo({ ...set, contours: [other] }, stack)).toBe(false);
    expect(belongsTo({ ...set, contours: [contour(5)] }, stack)).toBe(true);
    expect(belongsTo({ ...set, contours: [contour(5, '7.7')] }, stack)).toBe(false);
  });
});

describe('a mask', () => {
  const red = () => [255, 0, 0] as const;
  const alphas = (mask: Uint8ClampedArray) => [...mask].filter((_, at) => at % 4 === 3);
  const coded = { rows: 1, columns: 4, maximumFraction: 200, bitsAllocated: 8 };

  it('takes single bits from the lowest', () =>
    expect(alphas(maskOf(Uint8Array.of(0b0101), { ...coded, coding: 'binary', bitsAllocated: 1 }, 1, red))).toEqual([
      255, 0, 255, 0,
    ]));

  it('is as dense as a fraction says', () =>
    expect(alphas(maskOf(Uint8Array.of(0, 50, 100, 200), { ...coded, coding: 'fractional' }, 1, red))).toEqual([
      0, 64, 128, 255,
    ]));

  it('has the colours of a label map, also of words, and none of what is off', () => {
    const colourOf = (part: number) => (part === 3 ? undefined : ([part, 0, 0] as const));
    const mask = maskOf(Uint8Array.of(0, 1, 2, 3), { ...coded, coding: 'labelMap' }, undefined, colourOf);
    expect([...mask].filter((_, at) => at % 4 === 0)).toEqual([0, 1, 2, 0]);
    expect(alphas(mask)).toEqual([0, 255, 255, 0]);
    const words = { ...coded, coding: 'labelMap', bitsAllocated: 16, columns: 2 } as const;
    expect(alphas(maskOf(Uint8Array.of(0, 0, 0, 1), words, undefined, red))).toEqual([0, 255]);
  });

  it('of too few bytes is empty where they end', () =>
    expect(alphas(maskOf(Uint8Array.of(1), { ...coded, coding: 'binary' }, 1, red))).toEqual([255, 0, 0, 0]));

  it('lies by the patient, else pixel on pixel of one size, else nowhere', () => {
    const on = { rows: 4, columns: 4, plane: plane([0, 0, 0]) };
    const half = { rows: 8, columns: 8, plane: plane([2, 2, 0], 1) };
    expect(pixelOn(half, on)?.([2, 4])).toEqual([2, 3]);
    expect(pixelOn({ rows: 4, columns: 4, plane: undefined }, on)?.([2, 4])).toEqual([2, 4]);
    expect(pixelOn({ rows: 8, columns: 8, plane: undefined }, on)).toBeUndefined();
  });
});

describe('a recommended colour', () => {
  it.each([
    [
      [65535, 32896, 32896],
      [255, 255, 255],
    ],
    [
      [0, 32896, 32896],
      [0, 0, 0],
    ],
    // sRGB red in CIELab at D50: 54.29, 80.81, 69.89.
    [
      [35579, 53665, 50857],
      [255, 0, 0],
    ],
  ])('%j is %j', (lab, rgb) => {
    const found = colourOfLab(lab) ?? [0, 0, 0];
    for (const [at, value] of rgb.entries()) {
      expect(Math.abs((found[at] ?? 0) - value)).toBeLessThanOrEqual(3);
    }
  });

  it('needs three values', () => expect(colourOfLab([1, 2])).toBeUndefined());
});

describe('a structure set', () => {
  const sequence = (...Value: DataSet[]) => ({ vr: 'SQ', Value });
  const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });
  const set = (data: unknown[]): DataSet => ({
    [Tag.SopInstanceUid]: value('UI', '1.2.3'),
    [OverlayTag.StructureSetRoiSequence]: sequence({
      [OverlayTag.RoiNumber]: value('IS', 7),
      [OverlayTag.RoiName]: value('LO', 'Gan <b>'),
      [OverlayTag.ReferencedFrameOfReferenceUid]: value('UI', '1.9'),
    }),
    [OverlayTag.RoiContourSequence]: sequence({
      [OverlayTag.ReferencedRoiNumber]: value('IS', 7),
      [OverlayTag.RoiDisplayColor]: value('IS', 300, 0, 10),
      [OverlayTag.ContourSequence]: sequence({
        [OverlayTag.ContourGeometricType]: value('CS', 'CLOSED_PLANAR'),
        [OverlayTag.ContourData]: value('DS', ...data),
      }),
    }),
  });

  it('is read with names, colours and points', () =>
    expect(readOverlay(set([1, 2, 3, 4, 5, 6, 7]))).toMatchObject({
      kind: 'structures',
      parts: [{ number: 7, label: 'Gan <b>', colour: [255, 0, 10] }],
      contours: [
        {
          part: 7,
          shape: 'closed',
          frameOfReferenceUid: '1.9',
          points: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
      ],
    }));

  it('of nonsense has no contours', () => {
    expect(readOverlay(set(['x', 'y']))).toMatchObject({ contours: [] });
    expect(readOverlay({})).toBeUndefined();
  });
});
