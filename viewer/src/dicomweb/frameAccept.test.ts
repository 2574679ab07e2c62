import { describe, expect, it } from 'vitest';
import { canBeCompressed, isSlow } from './frameAccept';

describe('a line', () => {
  it('is slow by its width or its delay, or if nothing is known', () => {
    expect(isSlow({})).toBe(true);
    expect(isSlow({ downlink: 1.6, rtt: 150 })).toBe(true);
    expect(isSlow({ downlink: 10, rtt: 300 })).toBe(true);
    expect(isSlow({ downlink: 10, rtt: 50 })).toBe(false);
    expect(isSlow({ downlink: 10 })).toBe(false);
  });
});

describe('a frame', () => {
  it('is compressed where that makes it smaller and its components mean the same', () => {
    expect(canBeCompressed('1.2.840.10008.1.2.1', 'MONOCHROME2')).toBe(true);
    expect(canBeCompressed('1.2.840.10008.1.2', 'MONOCHROME1')).toBe(true);
    expect(canBeCompressed('1.2.840.10008.1.2.4.50', 'MONOCHROME2')).toBe(false);
    expect(canBeCompressed('1.2.840.10008.1.2.4.51', 'YBR_FULL')).toBe(false);
    expect(canBeCompressed('1.2.840.10008.1.2.1', 'YBR_FULL')).toBe(false);
    expect(canBeCompressed('1.2.840.10008.1.2.1', 'RGB')).toBe(false);
    expect(canBeCompressed(undefined, undefined)).toBe(false);
  });
});
