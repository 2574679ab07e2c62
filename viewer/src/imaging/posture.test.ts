import { describe, expect, it } from 'vitest';
import type { Frame } from './frames';
import { commonExtent, postureOf } from './posture';
import { projectionOf } from './projection';
import { aFrame } from './testFrame';

function mammogram(laterality: 'L' | 'R' | undefined, view: string | undefined, row: string, column: string): Frame {
  return aFrame({
    projection: { isMammogram: true, laterality, view },
    orientation: { kind: 'letters', row, column },
  });
}

describe('the posture of a mammogram', () => {
  it('is as stored where it is stored as it is hung', () => {
    for (const [laterality, view, row, column] of [
      ['R', 'CC', 'P', 'L'],
      ['L', 'CC', 'A', 'R'],
      ['R', 'MLO', 'P', 'FL'],
      ['L', 'MLO', 'A', 'FR'],
    ] as const) {
      expect(postureOf(mammogram(laterality, view, row, column))).toEqual({
        flipHorizontal: false,
        flipVertical: false,
        chestWall: laterality === 'R' ? 'right' : 'left',
      });
    }
  });

  it('is flipped where it is stored otherwise', () => {
    expect(postureOf(mammogram('R', 'CC', 'A', 'L'))).toMatchObject({ flipHorizontal: true, flipVertical: false });
    expect(postureOf(mammogram('R', 'CC', 'A', 'R'))).toMatchObject({ flipHorizontal: true, flipVertical: true });
    expect(postureOf(mammogram('L', 'MLO', 'P', 'HL'))).toMatchObject({ flipHorizontal: true, flipVertical: true });
    expect(postureOf(mammogram('L', 'ML', 'A', 'H'))).toMatchObject({ flipHorizontal: false, flipVertical: true });
  });

  it('is nobody’s guess', () => {
    expect(postureOf(undefined)).toBeUndefined();
    expect(postureOf(mammogram(undefined, 'CC', 'P', 'L'))).toBeUndefined();
    expect(postureOf(mammogram('R', 'CC', 'F', 'A'))).toBeUndefined();
    expect(postureOf(aFrame({ orientation: { kind: 'letters', row: 'P', column: 'L' } }))).toBeUndefined();
  });
});

describe('the extent of mammograms in sight', () => {
  const sized = (rows: number, columns: number, mm: number) =>
    aFrame({
      rows,
      columns,
      projection: { isMammogram: true, laterality: 'L', view: 'CC' },
      spacing: { rowMm: mm, columnMm: mm, source: 'detector' },
    });

  it('has room for the widest and the tallest', () => {
    expect(commonExtent([sized(100, 50, 1), sized(100, 90, 0.5), aFrame({ rows: 9999 })])).toEqual({
      widthMm: 50,
      heightMm: 100,
    });
  });

  it('is none for one alone, or where a scale is missing', () => {
    expect(commonExtent([sized(100, 50, 1)])).toBeUndefined();
    expect(commonExtent([sized(1, 1, 1), sized(1, 1, 1), { ...sized(1, 1, 1), spacing: undefined }])).toBeUndefined();
  });
});

it('side and view of an image are read where they stand', () => {
  const cs = (value: string) => ({ vr: 'CS', Value: [value] });
  expect(projectionOf({ '00080060': cs('MG'), '00200062': cs('R'), '00185101': cs('MLO') })).toEqual({
    isMammogram: true,
    laterality: 'R',
    view: 'MLO',
  });
  const coded = { '00540220': { vr: 'SQ', Value: [{ '00080100': { vr: 'SH', Value: ['R-10242'] } }] } };
  expect(projectionOf({ '00080060': cs('DX'), '00200060': cs('L'), ...coded })).toEqual({
    isMammogram: false,
    laterality: 'L',
    view: 'CC',
  });
  const anatomy = { '00209071': { vr: 'SQ', Value: [{ '00209072': cs('L') }] } };
  expect(projectionOf({ '52009229': { vr: 'SQ', Value: [anatomy] }, '00200062': cs('B') })).toEqual({
    isMammogram: false,
    laterality: 'L',
    view: undefined,
  });
});
