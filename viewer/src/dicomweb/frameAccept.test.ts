import { describe, expect, it } from 'vitest';
import { isSlow } from './frameAccept';

describe('a line', () => {
  it('is slow by its width or its delay, or if nothing is known', () => {
    expect(isSlow({})).toBe(true);
    expect(isSlow({ downlink: 1.6, rtt: 150 })).toBe(true);
    expect(isSlow({ downlink: 10, rtt: 300 })).toBe(true);
    expect(isSlow({ downlink: 10, rtt: 50 })).toBe(false);
    expect(isSlow({ downlink: 10 })).toBe(false);
  });
});
