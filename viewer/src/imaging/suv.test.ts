import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import { suvFactor } from './suv';
import { valuesOf } from './valueUnit';

/** 70 kg, 370 MBq of F-18 one half-life before the scan. */
function scan(more: DataSet = {}, isotope: DataSet = {}): DataSet {
  return {
    '00080021': { vr: 'DA', Value: ['20260105'] },
    '00080031': { vr: 'TM', Value: ['101000'] },
    '00080022': { vr: 'DA', Value: ['20260105'] },
    '00080032': { vr: 'TM', Value: ['101200'] },
    '00080060': { vr: 'CS', Value: ['PT'] },
    '00101030': { vr: 'DS', Value: [70] },
    '00280051': { vr: 'CS', Value: ['DECY', 'ATTN', 'SCAT'] },
    '00541001': { vr: 'CS', Value: ['BQML'] },
    '00541102': { vr: 'CS', Value: ['START'] },
    '00540016': {
      vr: 'SQ',
      Value: [
        {
          '00181072': { vr: 'TM', Value: ['081000.00'] },
          '00181074': { vr: 'DS', Value: [370_000_000] },
          '00181075': { vr: 'DS', Value: [7200] },
          ...isotope,
        },
      ],
    },
    ...more,
  };
}

describe('the factor of SUV', () => {
  it('has the dose decay until the scan begins', () => expect(suvFactor(scan())).toBeCloseTo(70_000 / 185_000_000, 12));

  it('takes the whole dose where the values are corrected to the injection', () =>
    expect(suvFactor(scan({ '00541102': { vr: 'CS', Value: ['ADMIN'] } }))).toBeCloseTo(70_000 / 370_000_000, 12));

  it('knows injections before midnight by their date', () => {
    const night = { '00181078': { vr: 'DT', Value: ['20260104221000'] } };
    expect(suvFactor(scan({}, night))).toBeCloseTo(70_000 / (370_000_000 / 64), 12);
  });

  it.each([
    ['no weight', { '00101030': { vr: 'DS' } }],
    ['counts', { '00541001': { vr: 'CS', Value: ['CNTS'] } }],
    ['no correction of attenuation', { '00280051': { vr: 'CS', Value: ['DECY'] } }],
    ['no correction of decay', { '00541102': { vr: 'CS', Value: ['NONE'] } }],
    ['a series that is younger than its images', { '00080031': { vr: 'TM', Value: ['113000'] } }],
    ['an injection after the scan', { '00080031': { vr: 'TM', Value: ['080000'] } }],
  ] as const)('is not guessed: %s', (_, more) => expect(suvFactor(scan(more))).toBeUndefined());
});

describe('the unit of values', () => {
  it('is SUV where that can be known, and else what the header says', () => {
    expect(valuesOf(scan(), []).unit).toBe('SUVbw');
    expect(valuesOf(scan({ '00101030': { vr: 'DS' } }), [])).toEqual({ unit: 'BQML', factor: 1, isLossy: false });
    expect(valuesOf(scan({ '00541001': { vr: 'CS', Value: ['GML'] } }), [])).toMatchObject({
      unit: 'SUVbw',
      factor: 1,
    });
  });

  it('is HU on CT, unless the header says otherwise', () => {
    const ct: DataSet = { '00080060': { vr: 'CS', Value: ['CT'] }, '00281052': { vr: 'DS', Value: [-1024] } };
    expect(valuesOf(ct, []).unit).toBe('HU');
    expect(valuesOf({ ...ct, '00281054': { vr: 'LO', Value: ['US'] } }, []).unit).toBe('none');
    expect(valuesOf({ '00080060': { vr: 'CS', Value: ['CT'] } }, []).unit).toBe('none');
  });

  it('is that of the frame', () =>
    expect(
      valuesOf({}, [{ '00289145': { vr: 'SQ', Value: [{ '00281054': { vr: 'LO', Value: ['HU'] } }] } }]).unit,
    ).toBe('HU'));

  it('comes with what was lost', () =>
    expect(valuesOf({ '00282110': { vr: 'CS', Value: ['01'] } }, [])).toEqual({
      unit: 'none',
      factor: 1,
      isLossy: true,
    }));
});
