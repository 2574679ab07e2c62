import { expect, it } from 'vitest';
import { bindingsOf, tableBindings } from '../tools/keyTable';
import { videoActForKey, videoActs, videoKeysOf } from './videoKeys';

it('every act has a key, and every key one act', () => {
  const keys = videoActs.flatMap((act) => videoKeysOf(tableBindings, act));
  expect(new Set(keys).size).toBe(keys.length);
  expect(videoActs.filter((act) => videoKeysOf(tableBindings, act).length === 0)).toEqual([]);
});

it('keys are found, and others are left to the page', () => {
  const actOf = (key: string) => videoActForKey(tableBindings, key);
  expect([' ', 'c', 'ArrowDown', 'ArrowUp', 'Home', 'End', '>', '<'].map(actOf)).toEqual([
    'toggle',
    'toggle',
    'next',
    'previous',
    'first',
    'last',
    'faster',
    'slower',
  ]);
  expect(['ArrowRight', 'PageDown', 'u', '?', 'Tab'].map(actOf)).toEqual(Array(5).fill(undefined));
});

it('steps by the keys that the reader gave to the images of a stack', () => {
  const bindings = bindingsOf({ nextImage: ['j'] });
  expect([videoActForKey(bindings, 'j'), videoActForKey(bindings, 'ArrowDown')]).toEqual(['next', undefined]);
});
