/** Keys of a video in the active viewport; those of stepping and playing are the stack's. */
import { cine } from '../tools/cine';
import { firstImage } from '../tools/firstImage';
import { lastImage } from '../tools/lastImage';
import { nextImage } from '../tools/nextImage';
import { previousImage } from '../tools/previousImage';

export const videoActs = ['toggle', 'next', 'previous', 'first', 'last', 'slower', 'faster'] as const;
export type VideoAct = (typeof videoActs)[number];

export const videoKeys: Readonly<Record<VideoAct, readonly string[]>> = {
  toggle: [' ', ...cine.keys],
  next: nextImage.keys,
  previous: previousImage.keys,
  first: firstImage.keys,
  last: lastImage.keys,
  slower: [',', '<'],
  faster: ['.', '>'],
};

/** What a key does to a video. */
export function videoActForKey(key: string): VideoAct | undefined {
  const wanted = key.length === 1 ? key.toLowerCase() : key;
  return videoActs.find((act) => videoKeys[act].includes(wanted));
}
