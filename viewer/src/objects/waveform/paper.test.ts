// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { curveAt, grasped, measured, paperOf } from './paper';

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 278 120.5"><g>
<g data-area="6.0 10.0 266.0 40.0" data-name="V1" data-unit="mV" data-per-millimetre="0.1"/>
<g data-area="6.0 50.0 266.0 30.0" data-name="ART" data-unit="mm[Hg]" data-per-millimetre="2"/></g></svg>`;
const paper = paperOf(svg);
if (!paper) {
  throw new Error('a drawing');
}

describe('the paper', () => {
  it('has its size and the place of every curve', () => {
    expect([paper.width, paper.height, paper.curves.length]).toEqual([278, 120.5, 2]);
    expect(curveAt(paper, [100, 12])?.name).toBe('V1');
    expect(curveAt(paper, [100, 50])?.name).toBe('ART');
    expect(curveAt(paper, [2, 12])).toBeUndefined();
  });

  it.each(['', '<p/>', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 1"/>'])('is not made of %s', (text) =>
    expect(paperOf(text)).toBeUndefined(),
  );
});

describe('callipers', () => {
  it('measure 25 mm as a second and 10 mm as a millivolt', () => {
    const found = measured(paper, [50, 40], [75, 30]);
    expect(found).toMatchObject({ milliseconds: 1000, unit: 'mV', name: 'V1', perMinute: 60 });
    expect(found.amplitude).toBeCloseTo(1);
  });

  it('measure by the curve where they began, down as negative', () => {
    expect(measured(paper, [75, 60], [50, 70])).toMatchObject({ milliseconds: 1000, amplitude: -20, unit: 'mm[Hg]' });
    expect(measured(paper, [2, 2], [4, 3])).toMatchObject({ amplitude: undefined, perMinute: undefined });
  });

  it('are taken at the end that is near, or opened anew', () => {
    const present = [
      [50, 40],
      [75, 30],
    ] as const;
    expect(grasped(present, [74.5, 35])).toEqual(present);
    expect(grasped(present, [50.5, 36])).toEqual([present[1], present[0]]);
    expect(grasped(present, [120, 35])).toEqual([
      [120, 35],
      [120, 35],
    ]);
    expect(grasped(undefined, [1, 2])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});
