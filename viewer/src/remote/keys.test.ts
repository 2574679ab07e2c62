import { describe, expect, it } from 'vitest';
import { noFilters, type RemoteFilters, remoteKeys } from './keys';

describe('keys for another archive', () => {
  const check = (filters: Partial<RemoteFilters>, expected: Readonly<Record<string, string>>) =>
    expect(Object.fromEntries(remoteKeys({ ...noFilters, ...filters }))).toEqual(expected);

  it('name what is searched for and nothing else', () => {
    check({}, {});
    check({ id: ' BN-1 ', modality: 'CT' }, { PatientID: 'BN-1', ModalitiesInStudy: 'CT' });
    check({ name: ' ^ ' }, {});
  });

  it('leave room between the words of a name', () => {
    check({ name: 'nguyen van' }, { PatientName: '*nguyen*van*' });
    check({ name: 'NGUYEN^VAN' }, { PatientName: '*NGUYEN*VAN*' });
    check({ name: 'NGUYEN?VAN A*' }, { PatientName: 'NGUYEN?VAN*A*' });
  });

  it('have spans of days that may be open at one end', () => {
    check({ from: '2026-11-01', to: '2026-11-22' }, { StudyDate: '20261101-20261122' });
    check({ from: '2026-11-01' }, { StudyDate: '20261101-' });
    check({ to: '2026-11-22' }, { StudyDate: '-20261122' });
  });
});
