import { describe, expect, it } from 'vitest';
import { logParameters, noFilters } from './filters';

describe('looking through a log', () => {
  it('asks for nothing that is not filled in', () =>
    expect(Object.fromEntries(logParameters(noFilters, 'account', { before: undefined }))).toEqual({ limit: '50' }));

  it('takes days from midnight to midnight here, the last one included', () => {
    const parameters = logParameters({ ...noFilters, from: '2026-02-27', to: '2026-02-28' }, 'account', {});
    expect(Number(parameters.get('from_ms'))).toBe(new Date(2026, 1, 27).getTime());
    expect(Number(parameters.get('until_ms'))).toBe(new Date(2026, 2, 1).getTime());
  });

  it('goes on behind the last one', () => {
    const parameters = logParameters({ ...noFilters, account: ' lan ', patientId: 'P1' }, 'actor', {
      before: '0123-4567-89AB',
    });
    expect(Object.fromEntries(parameters)).toEqual({
      actor: 'lan',
      patient_id: 'P1',
      before: '0123-4567-89AB',
      limit: '50',
    });
  });
});
