import { describe, expect, it } from 'vitest';
import { frameOfReferenceUid } from '../dicomweb/uid';
import { belowFirst, meaningOf, volumeOver, voxelAt } from './fusion';
import { aFrame } from './testFrame';
import type { Vector3 } from './vector';
import { fittedTogether, voxelsOf } from './volumeBudget';
import { type Volume, volumesOf } from './volumeGeometry';

function series(frameOfReference: string, factors: readonly number[] = [1, 1, 1, 1]) {
  return factors.map((factor, at) =>
    aFrame({
      frameOfReferenceUid: frameOfReferenceUid(frameOfReference),
      plane: { row: [1, 0, 0], column: [0, 1, 0] },
      position: [0, 0, 2 * at] as Vector3,
      spacing: { columnMm: 1, rowMm: 1, source: 'patient' },
      rows: 8,
      columns: 8,
      instanceNumber: at + 1,
      values: { unit: 'SUVbw', factor, isLossy: false },
    }),
  );
}

function only(frames: ReturnType<typeof series>): Volume {
  const volumes = volumesOf(frames);
  if (typeof volumes === 'string' || !volumes[0]) {
    throw new Error('a volume');
  }
  return volumes[0];
}

const modality = (name: string) => ({ modality: name });

describe('laying a series over another', () => {
  it('has CT and MR below, and what shows function above, whichever was open', () => {
    expect(belowFirst(modality('PT'), modality('CT'))).toEqual([modality('CT'), modality('PT')]);
    expect(belowFirst(modality('CT'), modality('PT'))).toEqual([modality('CT'), modality('PT')]);
    expect(belowFirst(modality('NM'), modality('MR'))).toEqual([modality('MR'), modality('NM')]);
    const open = { modality: 'CT', isOpen: true };
    expect(belowFirst(open, { modality: 'CT', isOpen: false })[0]).toBe(open);
  });

  it('takes the same frame of reference, and refuses another', () => {
    const below = only(series('1.2.3'));
    expect(volumeOver(below, series('1.2.3'))).toMatchObject({ frameOfReferenceUid: '1.2.3' });
    expect(volumeOver(below, series('1.2.4'))).toBe('otherFrame');
    expect(volumeOver(below, series('1.2.3').slice(0, 2))).toBe('tooFew');
  });

  it('knows the unit only where all frames say the same', () => {
    const [same, other] = [series('1.2.3', [2, 2, 2, 2]), series('1.2.3', [2, 2, 3, 2])];
    expect(meaningOf(only(same), same)).toMatchObject({ unit: 'SUVbw', factor: 2 });
    expect(meaningOf(only(other), other)).toMatchObject({ unit: 'none', factor: 1 });
  });

  it('reads the voxel at a point, and none beside the volume', () => {
    const volume = only(series('1.2.3'));
    const voxels = Int16Array.from({ length: voxelsOf(volume) }, (_, at) => at);
    expect(voxelAt(volume, voxels, [3.2, 1.9, 3.6])).toBe(2 * 64 + 2 * 8 + 3);
    expect(voxelAt(volume, voxels, [-0.6, 0, 0])).toBeUndefined();
    expect(voxelAt(volume, voxels, [0, 0, 7.1])).toBeUndefined();
  });

  it('keeps both within what one may have', () => {
    const volume = only(series('1.2.3'));
    const budget = { voxels: 300, side: 64 };
    const both = fittedTogether(volume, volume, budget);
    expect(both && voxelsOf(both.below) + voxelsOf(both.above)).toBeLessThanOrEqual(300);
    expect(fittedTogether(volume, volume, { voxels: 20, side: 64 })).toBeUndefined();
  });
});
