/** Which of the viewports go together in what, as data. */
import type { SeriesInstanceUid } from '../dicomweb/uid';
import type { Frame } from '../imaging/frames';
import { centre, distanceTo, isLinkable, nearestFrame, normal, planeOfFrame } from '../imaging/imagePlane';
import { dot } from '../imaging/vector';

/** What viewports can share: the place of their slice, window, size and place on the screen. */
export const linkKinds = ['scroll', 'window', 'zoom', 'pan'] as const;
export type LinkKind = (typeof linkKinds)[number];

export interface Links {
  readonly isOn: boolean;
  readonly kinds: readonly LinkKind[];
  /** Which frame of a series each viewport showed when the reader said that these belong together, by its place. */
  readonly anchors: Readonly<Record<number, Anchor>>;
}

export interface Anchor {
  readonly series: SeriesInstanceUid;
  readonly index: number;
}

/** Off. A window fits one sequence and blinds the next, so it is shared only when asked for. */
export const noLinks: Links = { isOn: false, kinds: ['scroll', 'zoom', 'pan'], anchors: {} };

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

/** How far each frame lies from the anchor, in millimetres, less before it and more behind; undefined without geometry. */
function distances(frames: readonly Frame[], anchor: number): readonly number[] | undefined {
  const from = planeOfFrame(frames[anchor]);
  const all = frames.map((frame, index) => {
    const plane = planeOfFrame(frame);
    return from && plane ? Math.abs(distanceTo(from, centre(plane))) * Math.sign(index - anchor) : undefined;
  });
  return all.every((distance) => distance !== undefined) ? all : undefined;
}

/** Planes of two examinations are never quite parallel; those of other directions cannot be meant. */
const alike = 0.7;

/**
 * The frame of `other` as far from its anchor as the shown one is from its own: how stacks of different Frames of Reference go
 * together once the reader said where they meet. Without geometry they go frame by frame.
 */
export function anchoredIndex(shown: Shown, anchor: number, other: Shown, otherAnchor: number): number | undefined {
  const [one, two] = [planeOfFrame(shown.frames[anchor]), planeOfFrame(other.frames[otherAnchor])];
  if (one && two && Math.abs(dot(normal(one), normal(two))) < alike) {
    return undefined;
  }
  const distance = distances(shown.frames, anchor)?.[shown.index];
  const others = distances(other.frames, otherAnchor);
  if (distance === undefined || !others) {
    const index = otherAnchor + shown.index - anchor;
    return Math.min(Math.max(index, 0), other.frames.length - 1);
  }
  const gaps = others.map((candidate) => Math.abs(candidate - distance));
  return gaps.indexOf(Math.min(...gaps));
}
