import { describe, expect, it } from 'vitest';
import { frameOfReferenceUid } from '../dicomweb/uid';
import { neededSources, VolumeFiller } from './volumeFiller';
import type { SourceSlice, Volume } from './volumeGeometry';

const uid = frameOfReferenceUid('1.2.3') as Volume['frameOfReferenceUid'];

/** Slices of 2 by 2 pixels at these depths. */
function volumeOf(depths: readonly number[], slices: number, more: Partial<Volume> = {}): Volume {
  return {
    frameOfReferenceUid: uid,
    grid: {
      origin: [0, 0, 0],
      directions: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      spacing: [1, 1, 1],
      size: [2, 2, slices],
    },
    sources: depths.map((depth, frame): SourceSlice => ({ frame, depth, shift: [0, 0] })),
    columns: 2,
    rows: 2,
    binning: 1,
    limits: [],
    ...more,
  };
}

const plain = (value: number) => Int16Array.of(value, value, value, value);
const firsts = (voxels: Int16Array) => Array.from({ length: voxels.length / 4 }, (_, slice) => voxels[4 * slice]);

function filled(volume: Volume, outside = -1) {
  const [columns, rows, slices] = volume.grid.size;
  const voxels = new Int16Array(columns * rows * slices);
  return { voxels, filler: new VolumeFiller(volume, voxels, outside) };
}

describe('filling a volume', () => {
  it('puts each frame in its place at once, in whatever order they come', () => {
    const { voxels, filler } = filled(volumeOf([0, 1, 2], 3));
    expect(filler.accept(2, plain(30))).toEqual([2]);
    expect(firsts(voxels)).toEqual([-1, -1, 30]);
    filler.accept(0, plain(10));
    filler.accept(1, plain(20));
    expect(firsts(voxels)).toEqual([10, 20, 30]);
  });

  it('bridges slices that are missing once both neighbours came', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { voxels, filler } = filled(volumeOf([0, 3], 4));
      for (const source of order) {
        filler.accept(source, plain(source === 0 ? 0 : 30));
      }
      expect(firsts(voxels)).toEqual([0, 10, 20, 30]);
    }
  });

  it('bridges a frame that failed, whenever that is known', () => {
    for (const order of ['fail first', 'fail last', 'fail between']) {
      const { voxels, filler } = filled(volumeOf([0, 1, 2], 3));
      const steps = { 'fail first': [1, 0, 2], 'fail last': [0, 2, 1], 'fail between': [0, 1, 2] }[order] ?? [];
      for (const source of steps) {
        if (source === 1) {
          filler.fail(1);
        } else {
          filler.accept(source, plain(source === 0 ? 10 : 20));
        }
      }
      expect(firsts(voxels)).toEqual([10, 15, 20]);
    }
  });

  it('leaves empty what lies beyond the last frame that came', () => {
    const { voxels, filler } = filled(volumeOf([0, 1, 2, 3], 4));
    filler.fail(0);
    filler.accept(1, plain(10));
    filler.accept(2, plain(20));
    filler.fail(3);
    expect(firsts(voxels)).toEqual([-1, 10, 20, -1]);
  });

  it('interpolates where frames lie between the slices', () => {
    const { voxels, filler } = filled(volumeOf([0, 1.5, 3], 4));
    for (const [source, value] of [10, 40, 10].entries()) {
      filler.accept(source, plain(value));
    }
    expect(firsts(voxels)).toEqual([10, 30, 30, 10]);
  });

  it('puts tilted slices beside each other, and says nothing where there is none', () => {
    const sources: SourceSlice[] = [
      { frame: 0, depth: 0, shift: [0, 0] },
      { frame: 1, depth: 1, shift: [0, 1] },
      { frame: 2, depth: 2, shift: [0, 1.5] },
    ];
    const volume = volumeOf([0, 1, 2], 3, { sources });
    const { voxels, filler } = filled({ ...volume, grid: { ...volume.grid, size: [2, 4, 3] } });
    for (const source of [0, 1, 2]) {
      filler.accept(source, Int16Array.of(10, 10, 20, 20));
    }
    const column = (slice: number) => [0, 1, 2, 3].map((row) => voxels[slice * 8 + row * 2]);
    expect([column(0), column(1)]).toEqual([
      [10, 20, -1, -1],
      [-1, 10, 20, -1],
    ]);
    // Half a pixel lower: its edge is as bright as its first row, in between the mean.
    expect(column(2)).toEqual([-1, 10, 15, 20]);
  });

  it('takes the mean of pixels that become one voxel', () => {
    const volume = volumeOf([0, 1, 2], 3, { columns: 4, rows: 4, binning: 2 });
    const { voxels, filler } = filled(volume);
    filler.accept(
      0,
      Int16Array.from({ length: 16 }, (_, at) => (at % 4) * 10 + Math.floor(at / 4) * 100),
    );
    expect([...voxels.subarray(0, 4)]).toEqual([55, 75, 255, 275]);
  });

  it('asks for no frames that no slice is made of', () => {
    expect(neededSources(volumeOf([0, 1, 2, 3], 4))).toEqual([0, 1, 2, 3]);
    expect(neededSources(volumeOf([0, 0.5, 1, 1.5, 2], 3))).toEqual([0, 2, 4]);
    expect(neededSources(volumeOf([0, 0.7, 1.4, 2.1], 3))).toEqual([0, 1, 2, 3]);
  });
});
