import { describe, expect, it } from 'vitest';
import { type Device, tierOf } from './tier';

const desk: Device = { isPhone: false, savesData: false, memory: 8, hasWebGl2: () => true };

describe('the tier', () => {
  it('is what the reader chose, in the address before what is remembered', () => {
    expect(tierOf('lite', 'full', desk)).toBe('lite');
    expect(tierOf('full', 'lite', { ...desk, isPhone: true })).toBe('full');
    expect(tierOf('other', 'lite', desk)).toBe('lite');
    expect(tierOf(null, 'other', desk)).toBe('full');
  });

  it('is lite on phones, where data are to be saved, and without graphics and memory', () => {
    expect(tierOf(null, null, { ...desk, isPhone: true })).toBe('lite');
    expect(tierOf(null, null, { ...desk, savesData: true })).toBe('lite');
    expect(tierOf(null, null, { ...desk, memory: 2, hasWebGl2: () => false })).toBe('lite');
    expect(tierOf(null, null, { ...desk, memory: 2 })).toBe('full');
    expect(tierOf(null, null, { ...desk, memory: undefined, hasWebGl2: () => false })).toBe('full');
  });
});
