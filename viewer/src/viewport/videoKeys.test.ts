import { expect, it } from 'vitest';
import { videoActForKey, videoActs, videoKeys } from './videoKeys';

it('every act has a key, and every key one act', () => {
  const keys = videoActs.flatMap((act) => videoKeys[act]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(videoActs.filter((act) => videoKeys[act].length === 0)).toEqual([]);
});

it('keys are found in either case, and others are left to the page', () => {
  expect([' ', 'C', 'ArrowDown', 'ArrowUp', 'Home', 'End', '>', '<'].map(videoActForKey)).toEqual([
    'toggle',
    'toggle',
    'next',
    'previous',
    'first',
    'last',
    'faster',
    'slower',
  ]);
  expect(['ArrowRight', 'PageDown', 'u', '?', 'Tab'].map(videoActForKey)).toEqual(Array(5).fill(undefined));
});
