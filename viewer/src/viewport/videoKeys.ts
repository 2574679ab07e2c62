/** Keys of a video in the active viewport; those of stepping and playing are the stack's. */
import type { Bindings } from '../tools/keyTable';

/** The entries of the table of keys that do each. */
const acts = {
  toggle: ['videoToggle', 'cine'],
  next: ['nextImage'],
  previous: ['previousImage'],
  first: ['firstImage'],
  last: ['lastImage'],
  slower: ['videoSlower'],
  faster: ['videoFaster'],
} as const;

export type VideoAct = keyof typeof acts;

export const videoActs = Object.keys(acts) as readonly VideoAct[];

export function videoKeysOf(bindings: Bindings, act: VideoAct): readonly string[] {
  return acts[act].flatMap((id) => bindings.get(id) ?? []);
}

/** What a key does to a video. */
export function videoActForKey(bindings: Bindings, key: string): VideoAct | undefined {
  return videoActs.find((act) => videoKeysOf(bindings, act).includes(key));
}
