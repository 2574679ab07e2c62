import { expect, it } from 'vitest';
import { frameCacheBytes } from './frameCache';

it('frames take a share of the memory, far less on phones, never nothing nor everything', () => {
  const megabytes = [0.25, 1, 2, 4, 8, 64].map((gigabytes) => frameCacheBytes(gigabytes) / 2 ** 20);
  expect(megabytes).toEqual([96, 96, 192, 640, 1280, 2048]);
  expect(frameCacheBytes()).toBe(frameCacheBytes(4));
});
