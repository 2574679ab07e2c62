import { describe, expect, it } from 'vitest';
import { emptyDraft, passwordFault, refusedPart } from './password';

const draft = { password: 'initial-1234', wanted: 'một câu dài', again: 'một câu dài' };

describe('a change of password', () => {
  it('can be sent if it is whole', () => expect(passwordFault(draft)).toBeUndefined());

  it('says what is wrong first', () => {
    for (const [change, field, problem] of [
      [emptyDraft, 'password', 'missing'],
      [{ password: '' }, 'password', 'missing'],
      [{ wanted: 'đủ dài á?', again: 'đủ dài á?' }, 'wanted', 'short'],
      [{ wanted: draft.password, again: draft.password }, 'wanted', 'same'],
      [{ again: '' }, 'again', 'unlike'],
    ] as const) {
      expect(passwordFault({ ...draft, ...change }), JSON.stringify(change)).toEqual({ field, problem });
    }
  });

  it('is refused for the password that is, or for the one that is wanted', () => {
    expect(refusedPart(401)?.field).toBe('password');
    expect(refusedPart(400)?.field).toBe('wanted');
    expect(refusedPart(429)).toBeUndefined();
    expect(refusedPart(undefined)).toBeUndefined();
  });
});
