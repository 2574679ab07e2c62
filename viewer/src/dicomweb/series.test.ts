import { describe, expect, it } from 'vitest';
import { imageCount, parseSeries } from './series';

describe('the images of a series', () => {
  const counted = (instanceCount: number | undefined, known?: { instances: number; images: number }) => {
    const series = parseSeries({
      '0020000E': { vr: 'UI', Value: ['1.2.3'] },
      '00201209': { vr: 'IS', Value: instanceCount === undefined ? [] : [instanceCount] },
    });
    return series && imageCount(series, known);
  };

  it('are its instances until more is known', () => {
    expect(counted(1)).toBe(1);
    expect(counted(undefined)).toBeUndefined();
  });

  it('are the frames of its instances', () => {
    expect(counted(1, { instances: 1, images: 10 })).toBe(10);
    expect(counted(undefined, { instances: 2, images: 30 })).toBe(30);
  });

  it('are none where no instance is a picture', () => expect(counted(2, { instances: 2, images: 0 })).toBeUndefined());

  it('are its instances again when others came since', () => expect(counted(12, { instances: 2, images: 2 })).toBe(12));
});
