import { describe, expect, it } from 'vitest';
import { firstWrong, newToken, tokenSettings } from './tokenDraft';

const draft = { ...newToken, label: ' Máy in phòng 2 ' };

describe('a new token', () => {
  it('is sent as the server takes it', () => {
    expect(tokenSettings(draft)).toEqual({ label: 'Máy in phòng 2', acts: null, days: 90 });
    expect(tokenSettings({ ...draft, reach: 'some', acts: ['search'], days: ' ' })).toEqual({
      label: 'Máy in phòng 2',
      acts: ['search'],
      days: null,
    });
  });

  it('says what is wrong first', () => {
    for (const [change, wrong] of [
      [{}, undefined],
      [{ label: ' ' }, 'label'],
      [{ label: 'ệ'.repeat(22) }, 'label'],
      [{ reach: 'some' }, 'acts'],
      [{ reach: 'some', acts: ['view'] }, undefined],
      [{ days: '' }, undefined],
      [{ days: '0' }, 'days'],
      [{ days: '1.5' }, 'days'],
      [{ days: 'mai' }, 'days'],
      [{ days: '3651' }, 'days'],
    ] as const) {
      expect(firstWrong({ ...draft, ...change }), JSON.stringify(change)).toBe(wrong);
    }
  });
});
