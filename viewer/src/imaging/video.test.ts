import { describe, expect, it } from 'vitest';
import { frameAt, frameCount, middleOfFrame, videoFrameRate } from './video';

const stream = (numberOfFrames: number | undefined, frameRate?: number) => ({
  transferSyntaxUid: undefined,
  numberOfFrames,
  frameRate,
});

describe('the rate of a video', () => {
  it.each([
    ['of its frames and its duration', stream(48, 30), 1.92, 25],
    ['of its header where frames are not counted', stream(undefined, 30), 1.92, 30],
    ['of its header where the count cannot be true', stream(1, 30), 60, 30],
    ['of its header where the duration is unknown', stream(48, 30), Number.NaN, 30],
    ['of its header where it does not end', stream(48, 30), Number.POSITIVE_INFINITY, 30],
    ['unknown where nothing tells', stream(2_147_483_647), 1.92, undefined],
  ])('is %s', (_, known, duration, expected) => expect(videoFrameRate(known, duration)).toBe(expected));
});

describe('a frame', () => {
  it.each([25, 30_000 / 1001, 50, 240])('is found again by its time at %f per second', (rate) => {
    const count = frameCount(rate, 1000 / rate);
    expect(count).toBe(1000);
    for (let frame = 0; frame < count; frame += 1) {
      expect(frameAt(middleOfFrame(frame, rate), rate, count)).toBe(frame);
      expect(frameAt(frame / rate, rate, count)).toBe(frame);
    }
  });

  it('is one that there is', () => {
    expect(frameAt(99, 25, 48)).toBe(47);
    expect(frameAt(-1, 25, 48)).toBe(0);
    expect(frameCount(25, Number.NaN)).toBe(1);
    expect(frameCount(25, 0)).toBe(1);
  });
});
