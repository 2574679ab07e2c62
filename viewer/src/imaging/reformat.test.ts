import { describe, expect, it } from 'vitest';
import { pictureAt } from './placement';
import {
  cutDirection,
  fittedView,
  isTurned,
  leafing,
  lookingAlong,
  onPlane,
  orbited,
  patientAt,
  planeIds,
  planeLetters,
  planePlacement,
  screenOf,
  standardPlanes,
  stepMm,
  turned,
  zoomed,
} from './reformat';
import { dot, type Vector3 } from './vector';
import type { VoxelGrid } from './volumeGeometry';

const grid: VoxelGrid = {
  origin: [-50, -40, -30],
  directions: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  spacing: [1, 1, 5],
  size: [101, 81, 13],
};
const close = (vector: Vector3) => vector.map((value) => expect.closeTo(value, 6));

describe('the planes', () => {
  it('are looked at as radiologists do', () => {
    expect(planeIds.map((id) => planeLetters(standardPlanes[id]))).toEqual([
      { left: 'R', right: 'L', top: 'A', bottom: 'P' },
      { left: 'A', right: 'P', top: 'H', bottom: 'F' },
      { left: 'R', right: 'L', top: 'H', bottom: 'F' },
    ]);
    // From the feet, from the patient's left, from the front.
    expect(planeIds.map((id) => lookingAlong(standardPlanes[id]))).toEqual([
      close([0, 0, 1]),
      close([-1, 0, 0]),
      close([0, 1, 0]),
    ]);
  });

  it('are leafed through as stacks are', () => {
    expect(planeIds.map((id) => leafing(id, standardPlanes))).toEqual([
      close([0, 0, -1]),
      close([1, 0, 0]),
      close([0, 1, 0]),
    ]);
    expect(planeIds.map((id) => stepMm(grid, leafing(id, standardPlanes)))).toEqual([5, 1, 1]);
  });

  it('turn about each other, stay at right angles, and the one that is looked at stays', () => {
    const planes = turned(standardPlanes, 'axial', Math.PI / 6);
    expect(planes.axial).toEqual(standardPlanes.axial);
    const [axial, sagittal, coronal] = planeIds.map((id) => lookingAlong(planes[id])) as [Vector3, Vector3, Vector3];
    for (const [a, b] of [
      [axial, sagittal],
      [axial, coronal],
      [sagittal, coronal],
    ] as const) {
      expect(dot(a, b)).toBeCloseTo(0);
    }
    expect([isTurned(standardPlanes), isTurned(planes)]).toEqual([false, true]);
    expect(planeLetters(planes.coronal).right).toBe('LP');
    // Clockwise on the screen: what ran to the right runs downwards, too.
    const [x, y] = cutDirection(planes, 'axial', 'coronal');
    expect(Math.atan2(y * Math.sign(x), Math.abs(x))).toBeCloseTo(Math.PI / 6);
    expect(planes.sagittal.column).toEqual(close([0, 0, -1]));
  });

  it('follow the hand where the whole is turned', () => {
    const half = orbited(standardPlanes.coronal, Math.PI, 0);
    expect(planeLetters(half)).toEqual({ left: 'L', right: 'R', top: 'H', bottom: 'F' });
    // What is in front goes down with the hand: the head comes to sight.
    expect(planeLetters(orbited(standardPlanes.coronal, 0, Math.PI / 2)).bottom).toBe('A');
    // To the right with the hand: the right side of the patient comes to sight from the left.
    expect(planeLetters(orbited(standardPlanes.coronal, Math.PI / 2, 0)).right).toBe('A');
  });

  it('cut each other in upright lines at first', () => {
    const [x, y] = cutDirection(standardPlanes, 'axial', 'sagittal');
    expect([Math.abs(x), Math.abs(y)]).toEqual([expect.closeTo(0), expect.closeTo(1)]);
  });
});

describe('the screen', () => {
  it('shows the whole volume, to the edges of its voxels', () => {
    const view = fittedView(grid, standardPlanes.axial, 202, 81);
    expect(view.mmPerPixel).toBe(1);
    const placement = planePlacement(standardPlanes.axial, view, 202, 81);
    expect(screenOf(standardPlanes.axial, placement, [0, 0, 0])).toEqual([101, 40.5]);
    expect(fittedView(grid, standardPlanes.coronal, 101, 650).mmPerPixel).toBe(1);
  });

  it('knows the point of the patient under a point of it, on the plane that is shown', () => {
    const plane = standardPlanes.coronal;
    const placement = planePlacement(plane, fittedView(grid, plane, 200, 200), 200, 200);
    const point = patientAt(plane, placement, [3, 17, 4], [30, 60]);
    expect(point[1]).toBeCloseTo(17);
    expect(screenOf(plane, placement, point)).toEqual([expect.closeTo(30), expect.closeTo(60)]);
    expect(onPlane(plane, point)).toEqual(pictureAt(placement, [30, 60]).map((value) => expect.closeTo(value)));
  });

  it('zooms about the point under the hand', () => {
    const plane = standardPlanes.sagittal;
    const view = fittedView(grid, plane, 200, 200);
    const before = planePlacement(plane, view, 200, 200);
    const about = patientAt(plane, before, [0, 0, 0], [150, 40]);
    const after = planePlacement(plane, zoomed(view, 3, about), 200, 200);
    expect(screenOf(plane, after, about)).toEqual([expect.closeTo(150), expect.closeTo(40)]);
    expect(after.right[0]).toBeCloseTo(before.right[0] / 3);
  });
});
