import { describe, expect, it } from 'vitest';
import type { Account } from '../server/accounts';
import { isAccountName, isShutOut, statesOf } from './states';

const account: Account = {
  account: 'lan',
  role: 'clinician',
  must_change_password: false,
  blocked: false,
  idle: false,
  locked: false,
  created_ms: 0,
  used_ms: 0,
  second_factor: false,
  hours: null,
};

describe('an account', () => {
  it('is fine, or all that it is besides', () => {
    for (const [change, states, shutOut] of [
      [{}, ['fine'], false],
      [{ must_change_password: true }, ['mustChange'], false],
      [{ locked: true }, ['locked'], true],
      [{ idle: true, must_change_password: true }, ['idle', 'mustChange'], true],
      [{ blocked: true, locked: true, idle: true }, ['blocked', 'locked', 'idle'], true],
    ] as const) {
      expect(statesOf({ ...account, ...change }), JSON.stringify(change)).toEqual(states);
      expect(isShutOut({ ...account, ...change }), JSON.stringify(change)).toBe(shutOut);
    }
  });

  it('has a name that the server takes', () => {
    for (const [text, isName] of [
      ['lan', true],
      ['BS.Lan-2_x@bv', true],
      ['', false],
      ['bác sĩ', false],
      ['lan lan', false],
      ['x'.repeat(64), true],
      ['x'.repeat(65), false],
    ] as const) {
      expect(isAccountName(text), text).toBe(isName);
    }
  });
});
