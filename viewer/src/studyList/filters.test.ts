import { describe, expect, it } from 'vitest';
import { isFiltered, type ListFilters, matchKeys, parseListFilters, sortedBy } from './filters';

const now = new Date(2026, 2, 2, 10, 30);

describe('filters of the address', () => {
  it('keep what makes sense and drop the rest', () => {
    const whole = {
      q: 'nguyen',
      by: 'id',
      date: 'yesterday',
      modality: 'CT',
      part: 'CHEST',
      institution: 'Bệnh viện A',
      state: 'arriving',
      read: 'unread',
      patient: 'BN1',
      issuer: 'BV',
      order: '-instances',
    };
    expect(parseListFilters({ ...whole, other: 1 })).toEqual(whole);
    expect(parseListFilters({ q: ' ', by: 'password', date: '3d', modality: '<b>' })).toEqual({});
    expect(parseListFilters({ date: '20260101-20260231', state: 'lost', read: 'maybe', order: 'size' })).toEqual({});
    expect(parseListFilters({ by: 'name', issuer: 'BV', part: ' ' })).toEqual({});
  });

  it('know when they narrow', () => {
    expect(isFiltered({})).toBe(false);
    expect(isFiltered({ by: 'id', order: 'priors' })).toBe(false);
    expect(isFiltered({ q: 'a' })).toBe(true);
    expect(isFiltered({ read: 'unread' })).toBe(true);
  });
});

describe('orders', () => {
  const order = (filters: ListFilters, key: Parameters<typeof sortedBy>[1]) => sortedBy(filters, key).order;

  it('turn round on the same column, and begin as its values are read', () => {
    expect(order({}, 'patient_name')).toBe('patient_name');
    expect(order({ order: 'patient_name' }, 'patient_name')).toBe('-patient_name');
    expect(order({ order: '-patient_name' }, 'instances')).toBe('-instances');
  });

  it('need no word for newest first', () => {
    expect(order({}, 'study_date')).toBe('study_date');
    expect(order({ order: 'study_date' }, 'study_date')).toBeUndefined();
    expect(order({ order: 'patient_id' }, 'study_date')).toBeUndefined();
  });
});

describe('keys', () => {
  const keys = (filters: ListFilters) => Object.fromEntries(matchKeys(filters, now));

  it('search in what is chosen', () => {
    expect(keys({ q: ' van an ' })).toEqual({ patient_name: 'van an' });
    expect(keys({ q: 'BN12', by: 'id' })).toEqual({ patient_id: 'BN12' });
    expect(keys({ q: 'A1', by: 'accession' })).toEqual({ accession_number: 'A1' });
    expect(keys({ q: 'sọ', by: 'description' })).toEqual({ study_description: 'sọ' });
  });

  it('count days back from today, over the end of a month', () => {
    expect(keys({ date: 'today' })).toEqual({ study_date: '20260302-20260302' });
    expect(keys({ date: 'yesterday' })).toEqual({ study_date: '20260301-20260301' });
    expect(keys({ date: '7d' })).toEqual({ study_date: '20260224-20260302' });
    expect(keys({ date: '30d' })).toEqual({ study_date: '20260201-20260302' });
    expect(keys({ date: '20260101-20260110' })).toEqual({ study_date: '20260101-20260110' });
  });

  it('name one patient whole, also without an issuer', () => {
    expect(keys({ patient: 'BN1' })).toEqual({ patient_id: 'BN1', issuer_of_patient_id: '' });
    expect(keys({ patient: 'BN1', issuer: 'BV' })).toEqual({ patient_id: 'BN1', issuer_of_patient_id: 'BV' });
  });
});
