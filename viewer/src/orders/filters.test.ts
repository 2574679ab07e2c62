import { describe, expect, it } from 'vitest';
import { orderParameters, parseOrderFilters } from './filters';

const now = new Date(2026, 10, 30, 23, 30);

describe('filters of orders', () => {
  it('come from the address, without what makes no sense', () => {
    expect(parseOrderFilters({ q: 'an', day: '2026-11-22', modality: 'CT', status: 'arrived' })).toEqual({
      q: 'an',
      day: '2026-11-22',
      modality: 'CT',
      status: 'arrived',
    });
    expect(parseOrderFilters({ q: '  ', day: '2026-02-30', modality: 'c', status: 'gone' })).toEqual({});
    expect(parseOrderFilters({ day: 'all' })).toEqual({ day: 'all' });
  });

  it('become parameters; the day is today unless said otherwise', () => {
    expect(orderParameters({}, now).toString()).toBe('limit=500&from=20261130&to=20261130');
    expect(orderParameters({ day: 'all', q: 'lê', status: 'scheduled' }, now).toString()).toBe(
      'limit=500&q=l%C3%AA&status=scheduled',
    );
  });
});
