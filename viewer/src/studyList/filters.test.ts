import { describe, expect, it } from 'vitest';
import { parseStudy, type Study } from '../dicomweb/studies';
import { isFiltered, matchKeys, parseListFilters } from './filters';
import { distinctStudies, replaceStudy } from './useStudies';

const now = new Date(2026, 2, 2, 10, 30);

describe('filters of the address', () => {
  it('keep what makes sense and drop the rest', () => {
    expect(parseListFilters({ q: 'nguyen', by: 'id', date: '3d', modality: 'CT', other: 1 })).toEqual({
      q: 'nguyen',
      by: 'id',
      date: '3d',
      modality: 'CT',
    });
    expect(parseListFilters({ q: ' ', by: 'password', date: 'yesterday', modality: '<b>' })).toEqual({});
    expect(parseListFilters({ date: '20260101-20260231' })).toEqual({});
    expect(parseListFilters({ by: 'name' })).toEqual({});
  });

  it('know when they narrow', () => {
    expect(isFiltered({})).toBe(false);
    expect(isFiltered({ by: 'id' })).toBe(false);
    expect(isFiltered({ q: 'a' })).toBe(true);
  });
});

describe('match keys', () => {
  const keys = (filters: Parameters<typeof matchKeys>[0]) => Object.fromEntries(matchKeys(filters, now));

  it('search names by words, fuzzily', () =>
    expect(keys({ q: ' van  an ' })).toEqual({ PatientName: 'van an', fuzzymatching: 'true' }));

  it('search identifiers from their beginning', () => {
    expect(keys({ q: 'BN12', by: 'id' })).toEqual({ PatientID: 'BN12*' });
    expect(keys({ q: 'A1', by: 'accession' })).toEqual({ AccessionNumber: 'A1*' });
  });

  it('take no wild cards from people', () => expect(keys({ q: '*^?' })).toEqual({}));

  it('count days back from today, over the end of a month', () => {
    expect(keys({ date: 'today' })).toEqual({ StudyDate: '20260302-20260302' });
    expect(keys({ date: '3d' })).toEqual({ StudyDate: '20260228-20260302' });
    expect(keys({ date: '20260101-20260110' })).toEqual({ StudyDate: '20260101-20260110' });
  });

  it('pass the modality on', () => expect(keys({ modality: 'US' })).toEqual({ ModalitiesInStudy: 'US' }));
});

describe('rows', () => {
  const study = (uid: string, description = ''): Study => {
    const parsed = parseStudy({
      '0020000D': { vr: 'UI', Value: [uid] },
      '00081030': { vr: 'LO', Value: [description] },
    });
    if (!parsed) {
      throw new Error('a study with a UID is a study');
    }
    return parsed;
  };

  it('come once, though pages overlap', () =>
    expect(
      distinctStudies([
        [study('1.1'), study('1.2')],
        [study('1.2'), study('1.3')],
      ]).length,
    ).toBe(3));

  it('are refreshed in their place', () => {
    const pages = { pages: [[study('1.1'), study('1.2')], [study('1.3')]], pageParams: [0, 100] };
    const replaced = replaceStudy(pages, study('1.3', 'fresh'));
    expect(replaced?.pages[1]?.[0]?.studyDescription).toBe('fresh');
    expect(replaced?.pages[0]).toEqual(pages.pages[0]);
    expect(replaceStudy(pages, study('1.9'))).toBeUndefined();
  });
});
