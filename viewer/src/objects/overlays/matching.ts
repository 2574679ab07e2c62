/**
 * What of an overlay belongs to a picture: what names it, or, where nothing is named, what lies in it. A picture that an
 * overlay names among others is not matched by place, for then the overlay says that nothing of it is there.
 */
import type { Frame } from '../../imaging/frames';
import { distanceTo, isLinkable, planeOfFrame, sliceThicknessMm } from '../../imaging/imagePlane';
import type { Belonging, Contour, OverlayObject, SegmentFrame } from './model';

/** How something was found to belong to a picture. */
export type MatchedBy = 'reference' | 'position';

export interface Matched<Thing> {
  readonly things: readonly Thing[];
  readonly by: MatchedBy | undefined;
}

function names({ references }: Belonging, frame: Frame): boolean {
  return references.some(
    ({ sopInstanceUid, frames }) =>
      sopInstanceUid === frame.sopInstanceUid && (frames.length === 0 || frames.includes(frame.frameNumber)),
  );
}

/** Rounding of positions in headers, in millimetres. */
const toleranceMm = 0.01;

/** Whether all of it lies within the slice that the picture at this place of the stack stands for. */
function liesIn({ points, frameOfReferenceUid }: Belonging, frames: readonly Frame[], index: number): boolean {
  const plane = planeOfFrame(frames[index]);
  if (!plane || points.length === 0 || frameOfReferenceUid !== plane.frameOfReferenceUid) {
    return false;
  }
  const half = Math.max(sliceThicknessMm(frames, index) / 2, toleranceMm);
  return points.every((point) => Math.abs(distanceTo(plane, point)) <= half + toleranceMm);
}

function matched<Thing extends Belonging>(
  all: readonly Thing[],
  frames: readonly Frame[],
  index: number,
  canLie: (thing: Thing) => boolean,
): Matched<Thing> {
  const frame = frames[index];
  if (!frame) {
    return { things: [], by: undefined };
  }
  const named = all.filter((thing) => names(thing, frame));
  if (named.length > 0) {
    return { things: named, by: 'reference' };
  }
  const lying = all.filter((thing) => thing.references.length === 0 && canLie(thing) && liesIn(thing, frames, index));
  return { things: lying, by: lying.length > 0 ? 'position' : undefined };
}

/** The frames of a segmentation on a picture. */
export function framesOn(all: readonly SegmentFrame[], frames: readonly Frame[], index: number): Matched<SegmentFrame> {
  const on = planeOfFrame(frames[index]);
  return matched(all, frames, index, ({ plane }) => on !== undefined && plane !== undefined && isLinkable(plane, on));
}

/** The contours of a structure set on a picture. */
export function contoursOn(all: readonly Contour[], frames: readonly Frame[], index: number): Matched<Contour> {
  return matched(all, frames, index, () => true);
}

/** Whether anything of an overlay belongs to a stack at all. */
export function belongsTo(overlay: OverlayObject, frames: readonly Frame[]): boolean {
  const uids = new Set(frames.map(({ sopInstanceUid }) => sopInstanceUid));
  const spaces = new Set(frames.map((frame) => planeOfFrame(frame)?.frameOfReferenceUid));
  const things: readonly Belonging[] = overlay.kind === 'segmentation' ? overlay.frames : overlay.contours;
  return things.some(
    ({ references, frameOfReferenceUid, points }) =>
      references.some(({ sopInstanceUid }) => uids.has(sopInstanceUid)) ||
      (references.length === 0 &&
        points.length > 0 &&
        frameOfReferenceUid !== undefined &&
        spaces.has(frameOfReferenceUid)),
  );
}
