import { describe, expect, it } from 'vitest';
import { advance, clampFrameRate, frameRate } from './cine';
import { ageAt, dayOf, isoDate, isoDay, parseDate, readableDate, readableTime, toDicomDate } from './dates';
import { applyLookupTable, lookupTable, lookupTableOf } from './lookupTable';
import { presetsFor } from './presets';
import { scaleBar } from './scaleBar';
import { pixelShape, pixelSpacing } from './spacing';

const element = (vr: string, ...Value: unknown[]) => ({ vr, Value });

describe('scale bar', () => {
  it('has a round length that fits', () => {
    expect(scaleBar(0.3, 180)).toEqual({ lengthMm: 50, lengthPixels: expect.closeTo(166.67, 1) });
    expect(scaleBar(1, 100)?.lengthMm).toBe(100);
    expect(scaleBar(0.01, 150)?.lengthMm).toBe(1);
  });

  it('is absent without a scale', () => {
    expect(scaleBar(0, 100)).toBeUndefined();
    expect(scaleBar(Number.NaN, 100)).toBeUndefined();
  });
});

describe('pixel spacing', () => {
  it('prefers the calibrated spacing over the detector’s', () => {
    const both = { '00280030': element('DS', 0.1, 0.2), '00181164': element('DS', 0.15, 0.15) };
    expect(pixelSpacing(both, [])).toEqual({ rowMm: 0.1, columnMm: 0.2, source: 'patient' });
    expect(pixelSpacing({ '00181164': element('DS', 0.15, 0.15) }, [])?.source).toBe('detector');
  });

  it('takes the largest tissue region of an ultrasound image', () => {
    const region = (format: number, units: number, deltaCm: number, size: number) => ({
      '00186012': element('US', format),
      '00186024': element('US', units),
      '0018602C': element('FD', deltaCm),
      '00186018': element('UL', 0),
      '0018601A': element('UL', 0),
      '0018601C': element('UL', size),
      '0018601E': element('UL', size),
    });
    const image = {
      '00186011': element('SQ', region(1, 3, 0.01, 50), region(1, 3, 0.02, 400), region(3, 4, 0.5, 900)),
    };
    expect(pixelSpacing(image, [])).toEqual({ rowMm: 0.2, columnMm: 0.2, source: 'region' });
  });

  it('is unknown when nobody says, or says zero', () => {
    expect(pixelSpacing({}, [])).toBeUndefined();
    expect(pixelSpacing({ '00280030': element('DS', 0, 0) }, [])).toBeUndefined();
  });

  it('is replaced by the shape of a pixel where millimetres are not known', () => {
    expect(pixelShape({})).toEqual([1, 1]);
    expect(pixelShape({ '00280034': element('IS', 4, 3) })).toEqual([4, 3]);
    expect(pixelShape({ '00280030': element('DS', 0, 0) })).toEqual([1, 1]);
    expect(pixelShape({ '00280030': element('DS', 0.2, 0.1), '00280034': element('IS', 1, 1) })).toBeUndefined();
    const measures = { '00289110': element('SQ', { '00280030': element('DS', 0.2, 0.1) }) };
    expect(pixelShape({ '52009229': element('SQ', measures) })).toBeUndefined();
  });
});

describe('lookup tables', () => {
  it('map values and hold at both ends', () => {
    const table = lookupTable([3, 10, 8], [5, 6, 7]);
    expect(table && [...applyLookupTable([0, 10, 11, 12, 99], table)]).toEqual([5, 5, 6, 7, 7]);
  });

  it('read little-endian words, and bytes where entries are bytes', () => {
    expect(lookupTable([2, 0, 16], Uint8Array.of(1, 2, 255, 255))?.entries).toEqual(Uint16Array.of(513, 65_535));
    expect(lookupTable([3, 0, 8], Uint8Array.of(9, 8, 7))?.entries).toEqual(Uint16Array.of(9, 8, 7));
  });

  it('take 0 entries as 65,536', () => {
    const table = lookupTable([0, 0, 16], new Uint8Array(131_072));
    expect(table?.entries.length).toBe(65_536);
  });

  it('know their output', () => {
    expect(lookupTable([2, 0, 12], [0, 7])?.most).toBe(4095);
    expect(lookupTable([2, 0, 8], [0, 300])?.most).toBe(300);
  });

  it('come from items, their values in the data set or put into it', () => {
    const item = { '00283002': element('US', 2, 5, 8) };
    expect(lookupTableOf({ ...item, '00283006': element('US', 9, 8) })?.entries).toEqual(Uint16Array.of(9, 8));
    const inline = { ...item, '00283006': { vr: 'OW', InlineBinary: btoa('\x01\x00\x02\x00') } };
    expect(lookupTableOf(inline)?.entries).toEqual(Uint16Array.of(1, 2));
    expect(lookupTableOf({ ...item, '00283006': { vr: 'OW', InlineBinary: '?' } })).toBeUndefined();
    expect(lookupTableOf(item)).toBeUndefined();
  });

  it('are nothing without a descriptor', () => expect(lookupTable([], [1])).toBeUndefined());
});

describe('cine', () => {
  it('takes the recommended rate, the rate of taking, the frame time, in this order', () => {
    const all = { '00082144': element('IS', 12), '00180040': element('IS', 25), '00181063': element('DS', 100) };
    expect(frameRate(all)).toBe(12);
    expect(frameRate({ '00180040': element('IS', 25) })).toBe(25);
    expect(frameRate({ '00181063': element('DS', 100) })).toBe(10);
    expect(frameRate({ '00181063': element('DS', 0) })).toBeUndefined();
  });

  it('stays within what a screen shows', () => {
    expect(clampFrameRate(1000)).toBe(60);
    expect(clampFrameRate(0.2)).toBe(1);
  });

  it('advances by elapsed time and goes round', () => {
    expect(advance(8, 10, 250, 10)).toEqual({ index: 0, restMs: 50 });
    expect(advance(3, 10, 40, 10)).toEqual({ index: 3, restMs: 40 });
  });
});

describe('dates', () => {
  it('are written day first', () => {
    expect(readableDate('20150206')).toBe('06/02/2015');
    expect(readableDate('2015.02.06')).toBe('06/02/2015');
    expect(readableDate('')).toBe('');
  });

  it('that no calendar has stay as they came', () => {
    expect(parseDate('20150231')).toBeUndefined();
    expect(readableDate('20150231')).toBe('20150231');
  });

  it('go back to DICOM', () => expect(toDicomDate({ year: 2026, month: 3, day: 9 })).toBe('20260309'));

  it('are days of the reader, as inputs of dates have them too', () => {
    const now = new Date(2026, 10, 30, 23, 30);
    expect(dayOf(now)).toBe('20261130');
    expect(isoDay(now, 1)).toBe('2026-12-01');
    expect(isoDate('20261122')).toBe('2026-11-22');
    expect(isoDate('2026')).toBe('');
  });

  it('times are hours and minutes', () => {
    expect(readableTime('092815.123')).toBe('09:28');
    expect(readableTime('9')).toBe('');
  });

  it('ages come from the birth date, else from what is stated', () => {
    expect(ageAt('19700606', '20220407', undefined)).toEqual({ count: 51, unit: 'years' });
    expect(ageAt('20220101', '20220401', undefined)).toEqual({ count: 3, unit: 'months' });
    expect(ageAt('20220401', '20220411', undefined)).toEqual({ count: 10, unit: 'days' });
    expect(ageAt(undefined, '20220411', '045Y')).toEqual({ count: 45, unit: 'years' });
    expect(ageAt(undefined, undefined, 'old')).toBeUndefined();
    expect(ageAt('20300101', '20220411', undefined)).toBeUndefined();
  });
});

describe('presets', () => {
  it('exist for CT, whose numbers mean the same everywhere, and for nothing else', () => {
    expect(presetsFor('CT').find(({ id }) => id === 'lung')).toEqual({ id: 'lung', center: -600, width: 1500 });
    expect(presetsFor('MR')).toEqual([]);
  });
});
