/** Which of the viewports go together in what, as data. */
import type { Frame } from '../imaging/frames';
import { centre, isLinkable, nearestFrame, planeOfFrame } from '../imaging/imagePlane';

/** What viewports can share: the place of their slice, window, size and place on the screen. */
export const linkKinds = ['scroll', 'window', 'zoom', 'pan'] as const;
export type LinkKind = (typeof linkKinds)[number];

export interface Links {
  readonly isOn: boolean;
  readonly kinds: readonly LinkKind[];
}

/** Off. A window fits one sequence and blinds the next, so it is shared only when asked for. */
export const noLinks: Links = { isOn: false, kinds: ['scroll', 'zoom', 'pan'] };

export function isLinked(links: Links, kind: LinkKind): boolean {
  return links.isOn && links.kinds.includes(kind);
}

/** A stack and which of its frames is shown. */
export interface Shown {
  readonly frames: readonly Frame[];
  readonly index: number;
}

/** Whether both can be scrolled together as they are now. */
export function scrollTogether(a: Shown, b: Shown): boolean {
  const [one, other] = [planeOfFrame(a.frames[a.index]), planeOfFrame(b.frames[b.index])];
  return one !== undefined && other !== undefined && isLinkable(one, other);
}

/** The frame of `other` that lies nearest to the one that is shown; undefined if they do not go together. */
export function correspondingIndex(shown: Shown, other: Shown): number | undefined {
  const plane = planeOfFrame(shown.frames[shown.index]);
  return plane && scrollTogether(shown, other)
    ? nearestFrame(other.frames, centre(plane), plane.frameOfReferenceUid, other.index)?.index
    : undefined;
}
