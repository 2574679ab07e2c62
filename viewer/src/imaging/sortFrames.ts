/**
 * Display order of a stack: along the normal of its plane where the geometry allows, else by Instance Number. Instance
 * numbers follow acquisition or export and are no anatomical order.
 */
import type { Frame } from './frames';
import { parallel } from './imagePlane';
import { cross, dot, type Vector3 } from './vector';

function commonNormal(frames: readonly Frame[]): Vector3 | undefined {
  const first = frames[0]?.plane;
  if (!first) {
    return undefined;
  }
  const normal = cross(first.row, first.column);
  const agree = frames.every(
    ({ plane, position }) => plane && position && dot(cross(plane.row, plane.column), normal) > parallel,
  );
  return agree ? normal : undefined;
}

function byNumber(a: Frame, b: Frame): number {
  const instances = (a.instanceNumber ?? 0) - (b.instanceNumber ?? 0);
  const uids = a.sopInstanceUid === b.sopInstanceUid ? 0 : a.sopInstanceUid < b.sopInstanceUid ? -1 : 1;
  return instances || uids || a.frameNumber - b.frameNumber;
}

/** Distance of a frame along a normal, in millimetres. */
export function positionAlong(frame: Frame, normal: Vector3): number {
  return frame.position ? dot(frame.position, normal) : 0;
}

/** Which way a stack runs: axial from head to foot, sagittal from right to left, coronal from front to back. */
function reading(normal: Vector3): Vector3 {
  const sizes = normal.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes));
  const component = normal[axis] ?? 0;
  const wanted = axis === 2 ? -1 : 1;
  return Math.sign(component) === wanted ? normal : [-normal[0], -normal[1], -normal[2]];
}

/** The frames in display order. */
export function sortFrames(frames: readonly Frame[]): Frame[] {
  const normal = commonNormal(frames);
  if (!normal) {
    return [...frames].sort(byNumber);
  }
  const direction = reading(normal);
  const tolerance = 0.01;
  return [...frames].sort((a, b) => {
    const distance = positionAlong(a, direction) - positionAlong(b, direction);
    return Math.abs(distance) > tolerance ? distance : byNumber(a, b);
  });
}

/** Where a frame lies along its own normal, for the read-out; undefined without geometry. */
export function slicePositionMm(frame: Frame): number | undefined {
  if (!frame.plane || !frame.position) {
    return undefined;
  }
  const normal = cross(frame.plane.row, frame.plane.column);
  const sizes = normal.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes));
  return dot(frame.position, normal) * Math.sign(normal[axis] ?? 1);
}
