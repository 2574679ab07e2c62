import { describe, expect, it } from 'vitest';
import { frameOfReferenceUid } from '../dicomweb/uid';
import type { Frame } from './frames';
import { aFrame } from './testFrame';
import { add, cross, scale, type Vector3 } from './vector';
import { fitted, volumeBudget, voxelsOf } from './volumeBudget';
import {
  clampedTo,
  firstCross,
  fromVoxel,
  middleOf,
  toVoxel,
  type Volume,
  volumesOf,
  volumeWith,
} from './volumeGeometry';

const frameOfReference = frameOfReferenceUid('1.2.3') as NonNullable<ReturnType<typeof frameOfReferenceUid>>;

interface Stack {
  readonly row?: Vector3;
  readonly column?: Vector3;
  readonly positions: readonly Vector3[];
  readonly known?: Partial<Frame>;
}

function stack({ row = [1, 0, 0], column = [0, 1, 0], positions, known = {} }: Stack): Frame[] {
  return positions.map((position, at) =>
    aFrame({
      frameOfReferenceUid: frameOfReference,
      plane: { row, column },
      position,
      spacing: { columnMm: 0.5, rowMm: 0.5, source: 'patient' },
      rows: 8,
      columns: 16,
      instanceNumber: at + 1,
      ...known,
    }),
  );
}

/** Slices at these heights. */
const heights = (...mm: readonly number[]) => mm.map((z): Vector3 => [10, 20, z]);
const even = (count: number, mm: number) => heights(...Array.from({ length: count }, (_, at) => at * mm));

function only(frames: readonly Frame[]): Volume {
  const volumes = volumesOf(frames);
  if (typeof volumes === 'string' || volumes.length !== 1 || !volumes[0]) {
    throw new Error(`expected one volume, got ${JSON.stringify(volumes)}`);
  }
  return volumes[0];
}

describe('a volume', () => {
  it('is made of even slices without a word', () => {
    const volume = only(stack({ positions: even(5, 3) }));
    expect(volume.limits).toEqual([]);
    expect(volume.grid).toEqual({
      origin: [10, 20, 0],
      directions: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      spacing: [0.5, 0.5, 3],
      size: [16, 8, 5],
    });
    expect(volume.sources.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4]);
  });

  it('has its slices by place, in whatever order they come', () => {
    const volume = only(stack({ positions: heights(6, 0, 9, 3) }));
    expect(volume.sources.map(({ frame, depth }) => [frame, depth])).toEqual([
      [1, 0],
      [3, 1],
      [0, 2],
      [2, 3],
    ]);
  });

  it('is right-handed however it was taken, so that nothing is mirrored', () => {
    const taken: readonly [Vector3, Vector3, Vector3][] = [
      [
        [0, 1, 0],
        [0, 0, -1],
        [2, 0, 0],
      ],
      [
        [1, 0, 0],
        [0, 0, -1],
        [0, 2, 0],
      ],
      [
        [-1, 0, 0],
        [0, -1, 0],
        [0, 0, -2],
      ],
    ];
    for (const [row, column, step] of taken) {
      const positions = [0, 1, 2, 3].map((at) => scale(step, at));
      const { directions, origin, spacing, size } = only(stack({ row, column, positions })).grid;
      expect(directions[2]).toEqual(cross(directions[0], directions[1]));
      const last = add(origin, scale(directions[2], spacing[2] * (size[2] - 1)));
      expect([origin, last].map(String).sort()).toEqual([String([0, 0, 0]), String(positions[3])].sort());
    }
  });

  it('says how much a gantry was tilted, and where each slice goes', () => {
    const angle = (15 * Math.PI) / 180;
    const column: Vector3 = [0, Math.cos(angle), -Math.sin(angle)];
    const volume = only(stack({ column, positions: even(11, 2) }));
    expect(volume.limits).toEqual([{ kind: 'tilted', degrees: expect.closeTo(15, 5) }]);
    expect(volume.grid.spacing[2]).toBeCloseTo(2 * Math.cos(angle));
    // Each slice lies so much above the one below, along its rows.
    const beside = (10 * 2 * Math.sin(angle)) / 0.5;
    expect(volume.grid.size[1]).toBe(8 + Math.ceil(beside));
    const rows = volume.sources.map(({ shift }) => shift[1]);
    expect(Math.abs((rows[10] ?? 0) - (rows[0] ?? 0))).toBeCloseTo(beside);
    // The first pixel of every slice is where its header says.
    for (const { frame, depth, shift } of volume.sources) {
      expect(fromVoxel(volume.grid, [shift[0], shift[1], depth])).toEqual(
        [10, 20, frame * 2].map((value) => expect.closeTo(value, 4)),
      );
    }
  });

  it('says that slices lie astray', () => {
    const positions = even(5, 3).map(([x, y, z], at): Vector3 => [x + (at === 2 ? 4 : 0), y, z]);
    expect(only(stack({ positions })).limits).toEqual([{ kind: 'shifted', mm: expect.closeTo(4) }]);
  });

  it('says how many slices are missing, and leaves their places', () => {
    const volume = only(stack({ positions: heights(0, 3, 6, 15, 18, 21, 24) }));
    expect(volume.limits).toEqual([{ kind: 'missing', count: 2 }]);
    expect([volume.grid.spacing[2], volume.grid.size[2]]).toEqual([3, 9]);
    expect(volume.sources.map(({ depth }) => depth)).toEqual([0, 1, 2, 5, 6, 7, 8]);
  });

  it('does not call slices missing that were taken thicker', () => {
    const thin = stack({ positions: heights(0, 5, 10, 15, 20), known: { thicknessMm: 5 } });
    const thick = stack({ positions: heights(30, 40), known: { thicknessMm: 10 } });
    const frames = [...thin.slice(0, 4), ...stack({ positions: heights(20), known: { thicknessMm: 10 } }), ...thick];
    expect(only(frames).limits).toEqual([{ kind: 'irregular', leastMm: 5, mostMm: 10 }]);
  });

  it('says that slices are at odd distances, and between which slices of the grid they lie', () => {
    const volume = only(stack({ positions: heights(0, 2, 5, 6, 10) }));
    expect(volume.limits).toEqual([{ kind: 'irregular', leastMm: 1, mostMm: 4 }]);
    expect(volume.sources.map(({ depth }) => depth * volume.grid.spacing[2])).toEqual([0, 2, 5, 6, 10]);
  });

  it('takes distances that are rounded in the header for even', () => {
    const positions = heights(...Array.from({ length: 20 }, (_, at) => Number((at * 1.2345).toFixed(1))));
    expect(only(stack({ positions })).limits).toEqual([]);
  });

  it('is made of what goes together, and says that it is a part', () => {
    const frames = [
      ...stack({ positions: even(6, 3) }),
      ...stack({ positions: heights(100), row: [0, 1, 0], column: [0, 0, -1] }),
    ];
    expect(only(frames).limits).toEqual([{ kind: 'part', count: 6, total: 7 }]);
  });

  it('is one of several where a series holds echoes, times or kinds', () => {
    const frames = [
      ...stack({ positions: even(4, 3), known: { subset: 'first echo' } }),
      ...stack({ positions: even(4, 3), known: { subset: 'second echo' } }),
    ];
    const volumes = volumesOf(frames) as readonly Volume[];
    expect(volumes.map(({ sources }) => sources.map(({ frame }) => frame))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(volumeWith(volumes, 6)).toBe(volumes[1]);
  });

  it('is one of several where every place was taken as many times, by number', () => {
    const frames = [...stack({ positions: even(4, 3) }), ...stack({ positions: even(4, 3) })].map((frame, at) => ({
      ...frame,
      instanceNumber: at + 1,
    }));
    const volumes = volumesOf(frames) as readonly Volume[];
    expect(volumes.map(({ sources }) => sources.map(({ frame }) => frame))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  it('is refused with the reason', () => {
    const check = (frames: readonly Frame[], refusal: string) => expect(volumesOf(frames)).toBe(refusal);
    check([], 'noGeometry');
    check(stack({ positions: even(1, 3) }), 'tooFew');
    check(stack({ positions: even(2, 3) }), 'tooFew');
    check([aFrame({}), aFrame({}), aFrame({})], 'noGeometry');
    check(stack({ positions: even(5, 3), known: { isColour: true } }), 'colour');
    check(stack({ positions: heights(0, 3, 3, 6, 9) }), 'samePlace');
    check(stack({ positions: heights(0, 3, 6, 90, 93, 96) }), 'gaps');
    check(
      stack({ positions: even(5, 3), known: { spacing: { columnMm: 1, rowMm: 1, source: 'detector' } } }),
      'noGeometry',
    );
  });
});

describe('a point', () => {
  const volume = only(stack({ positions: even(5, 3) }));

  it('goes to voxels and back', () => {
    expect(toVoxel(volume.grid, [12, 21, 6])).toEqual([4, 2, 2]);
    expect(fromVoxel(volume.grid, [4, 2, 2])).toEqual([12, 21, 6]);
  });

  it('stays in the volume', () => expect(clampedTo(volume.grid, [0, 100, 6])).toEqual([10, 23.5, 6]));

  it('is on a slice at first: the one that was shown, or the middle one', () => {
    const frames = stack({ positions: even(5, 3) });
    expect(middleOf(volume)[2]).toBe(6);
    expect(firstCross(volume, frames, 0)).toEqual(middleOf(volume));
    expect(firstCross(volume, frames, 3)[2]).toBe(9);
  });
});

describe('the budget', () => {
  const volume = only(stack({ positions: even(64, 1), known: { rows: 64, columns: 64 } }));

  it('leaves alone what fits', () => expect(fitted(volume, { voxels: 64 ** 3, side: 64 })).toBe(volume));

  it('makes what does not fit coarser where that is seen least, and says so', () => {
    const finer = fitted(volume, { voxels: 64 ** 3 / 2, side: 2048 });
    // Slices are 1 mm apart, pixels half of that: pixels are binned.
    expect(finer?.grid.size).toEqual([32, 32, 64]);
    expect(finer?.limits).toEqual([{ kind: 'reduced', inPlane: 2, slices: 1 }]);
    // A voxel of four pixels lies between them.
    expect(finer?.grid.origin).toEqual([10.25, 20.25, 0]);
    expect(fitted(volume, { voxels: 64 ** 3, side: 32 })?.grid.size).toEqual([32, 32, 32]);
  });

  it('refuses what would be too coarse', () => {
    expect(fitted(volume, { voxels: 1000, side: 2048 })).toBeUndefined();
    expect(fitted(volume, { voxels: 64 ** 3, side: 15 })).toBeUndefined();
  });

  it('grows with the memory of the device', () => {
    const thorax = { ...volume, grid: { ...volume.grid, size: [512, 512, 300] as const } };
    expect(voxelsOf(thorax)).toBeLessThan(volumeBudget(8, 2048).voxels);
    expect(voxelsOf(thorax)).toBeGreaterThan(volumeBudget(undefined, 2048).voxels);
    expect(volumeBudget(1000, 2048).voxels).toBe(volumeBudget(16, 2048).voxels);
  });
});
