import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { maskOfPlane, type OverlayPlane, overlayPlanes, planeOver } from './overlayPlanes';

const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });

function withPlane(more: Record<string, DataSet[string]> = {}, group = '6000'): DataSet {
  const own = Object.entries(more).map(([element, content]) => [`${group}${element}`, content]);
  return {
    [`${group}0010`]: value('US', 2),
    [`${group}0011`]: value('US', 5),
    [`${group}0050`]: value('SS', 1, 1),
    [`${group}3000`]: { vr: 'OW', InlineBinary: '' },
    ...Object.fromEntries(own),
  };
}

function only(dataSet: DataSet): OverlayPlane {
  const [plane] = overlayPlanes(dataSet);
  if (!plane) {
    throw new Error('no plane');
  }
  return plane;
}

const picture = { rows: 8, columns: 8 };

/** Columns and rows of the picture that are covered. */
function places(plane: OverlayPlane, bytes: number[], place = 0, on = picture): string[] {
  const mask = maskOfPlane(plane, place, Uint8Array.from(bytes), on);
  return [...(mask?.covered ?? [])].flatMap((covered, at) =>
    mask && covered ? [`${mask.left + (at % mask.columns)},${mask.top + Math.floor(at / mask.columns)}`] : [],
  );
}

describe('overlay planes', () => {
  it('are those of all groups that have a size and bits', () => {
    const image = {
      ...withPlane({ '1500': value('LO', 'Gan'), '0040': value('CS', 'R') }),
      ...withPlane({ '0022': value('LO', 'Mô tả') }, '601E'),
      ...withPlane({ '0010': value('US', 0) }, '6002'),
      ...withPlane({}, '6020'),
    };
    expect(overlayPlanes(image).map(({ group, label, isRegion }) => [group, label, isRegion])).toEqual([
      ['6000', 'Gan', true],
      ['601E', 'Mô tả', false],
    ]);
  });

  it('lie where their origin says, and only what is over the picture counts', () => {
    const plane = only(withPlane({ '0050': value('SS', 0, 7) }));
    // The second row lies in the first of the picture, its first two columns in the last two.
    expect(places(plane, [0b0010_0000, 0xff])).toEqual(['6,0']);
    expect(places(only(withPlane({ '0050': value('SS', -5, 1) })), [0xff, 0xff])).toEqual([]);
    expect(places(only(withPlane({ '0050': value('SS', 9, 9) })), [0xff, 0xff])).toEqual([]);
  });

  it('have a plane for each frame, which need not begin a byte, or one for all', () => {
    const moving = only(
      withPlane({ '0010': value('US', 1), '0011': value('US', 3), '0015': value('IS', 3), '0051': value('US', 2) }),
    );
    expect([1, 2, 4, 5].map((frame) => planeOver(moving, frame))).toEqual([undefined, 0, 2, undefined]);
    expect([0, 1, 2].flatMap((place) => places(moving, [0b0001_0001, 0b1], place))).toEqual(['0,0', '1,0', '2,0']);
    expect(planeOver(only(withPlane()), 77)).toBe(0);
  });

  it('may stand in bits that the pixels leave free, and nowhere else', () => {
    const image = (bit: number, allocated = 16): DataSet => {
      const { '60003000': _, ...rest } = withPlane({ '0100': value('US', allocated), '0102': value('US', bit) });
      return {
        ...rest,
        [Tag.BitsAllocated]: value('US', 16),
        [Tag.BitsStored]: value('US', 12),
        [Tag.HighBit]: value('US', 11),
      };
    };
    expect(overlayPlanes(image(11))).toEqual([]);
    expect(overlayPlanes(image(16))).toEqual([]);
    expect(overlayPlanes(image(12, 1))).toEqual([]);
    const pixels = new Uint8Array(20);
    pixels[3] = 0x80;
    expect(places(only(image(15)), [...pixels], 0, { rows: 2, columns: 5 })).toEqual(['1,0']);
  });

  it('that lie about their size end where their bits end', () => {
    const plane = only(
      withPlane({ '0010': value('US', 65_535), '0011': value('US', 65_535), '0015': value('IS', 2 ** 31 - 1) }),
    );
    expect(places(plane, [1])).toEqual(['0,0']);
    expect(places(plane, [1], 2 ** 30)).toEqual([]);
  });

  it('of a huge picture become a coarser mask in which thin lines stay', () => {
    const side = 2400;
    const plane = only(withPlane({ '0010': value('US', side), '0011': value('US', side) }));
    const bytes = new Uint8Array((side * side) / 8);
    bytes.fill(0xff, (1201 * side) / 8, (1202 * side) / 8);
    const mask = maskOfPlane(plane, 0, bytes, { rows: side, columns: side });
    expect(mask?.covered.length).toBeLessThan(4_000_001);
    expect(mask?.covered.reduce((sum, covered) => sum + covered, 0)).toBe(mask?.columns);
  });
});
