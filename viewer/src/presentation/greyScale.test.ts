import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { SopInstanceUid } from '../dicomweb/uid';
import { aFrame } from '../imaging/testFrame';
import { shade } from '../imaging/window';
import { greyScaleOf } from './greyScale';
import { PresentationTag } from './tags';

const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });
const frame = aFrame({ sopInstanceUid: '1.5' as SopInstanceUid });
const image = (more: DataSet = {}): DataSet => ({ [Tag.BitsStored]: value('US', 8), ...more });
const rescaled = (slope: number, intercept: number): DataSet => ({
  [Tag.RescaleSlope]: value('DS', slope),
  [Tag.RescaleIntercept]: value('DS', intercept),
});
const windowItem = (center: number, width: number): DataSet => ({
  [Tag.WindowCenter]: value('DS', center),
  [Tag.WindowWidth]: value('DS', width),
});
const voi = (...each: DataSet[]): DataSet => ({ [Tag.SoftcopyVoiLutSequence]: value('SQ', ...each) });
const about = (dataSet: DataSet, uid: string): DataSet => ({
  ...dataSet,
  [PresentationTag.ReferencedImageSequence]: value('SQ', {
    [PresentationTag.ReferencedSopInstanceUid]: value('UI', uid),
  }),
});
const lut = (first: number, ...entries: number[]): DataSet => ({
  [Tag.LutDescriptor]: value('US', entries.length, first, 8),
  [Tag.LutData]: value('US', ...entries),
});

/** Shades, of 255, that a state gives these values of the viewer. */
function shades(state: DataSet, values: readonly number[], of: DataSet = image()): number[] | undefined {
  const grey = greyScaleOf(state, frame, of);
  return (
    grey &&
    values.map((each) => {
      const share = shade(grey.window, each);
      return Math.round(255 * (grey.isInverted ? 1 - share : share));
    })
  );
}

describe('the grey scale of a presentation state', () => {
  // The numbers are those of the server's own test (crates/filmless-dicom/src/presentation.rs).
  it('is the state’s own: what it leaves out is left out', () => {
    expect(shades({}, [0, 100, 200], image(windowItem(1, 1)))).toEqual([0, 100, 200]);
    expect(shades({ [PresentationTag.PresentationLutShape]: value('CS', 'INVERSE') }, [0, 100, 200])).toEqual([
      255, 155, 55,
    ]);
  });

  it('has the window that is for the image', () => {
    const state = voi(about(windowItem(500, 101), '1.9'), about(windowItem(50.5, 101), '1.5'), windowItem(900, 101));
    expect(shades(state, [0, 50, 100, 200])).toEqual([0, 128, 255, 255]);
  });

  it('is of stored values, whatever the image makes of them', () => {
    // Values of the viewer are HU; the state says nothing of them and means what is stored.
    const hounsfield = image({ ...rescaled(1, -1024), [Tag.BitsStored]: value('US', 12) });
    expect(shades(voi(windowItem(50.5, 101)), [-1024, -974, -924], hounsfield)).toEqual([0, 128, 255]);
    const same = { ...rescaled(1, -1024), ...voi(windowItem(50.5, 101)) };
    expect(shades(same, [0, 50, 100], hounsfield)).toEqual([0, 128, 255]);
    expect(shades({ ...rescaled(0.5, 0), ...voi(windowItem(50.5, 101)) }, [0, 100, 200])).toEqual([0, 128, 255]);
  });

  it('goes through tables, one after the other', () => {
    const state: DataSet = {
      [Tag.ModalityLutSequence]: value('SQ', lut(0, 3, 2, 1, 0)),
      ...voi({ [Tag.VoiLutSequence]: value('SQ', lut(0, 10, 20, 30, 255)) }),
      [Tag.PresentationLutSequence]: value('SQ', lut(0, 255, 0)),
    };
    // 0 becomes 3, that 255, that the last entry; 3 becomes 0, that 10, that nearer to the first one.
    expect(shades(state, [0, 3])).toEqual([0, 255]);
    const { [Tag.PresentationLutSequence]: _, ...plain } = state;
    expect(shades(plain, [0, 1, 2, 3])).toEqual([255, 30, 20, 10]);
  });

  it('moves a table along with the values', () => {
    const state = voi({ [Tag.VoiLutSequence]: value('SQ', lut(100, 0, 51, 255)) });
    expect(shades(state, [-900, -899, -898], image(rescaled(1, -1000)))).toEqual([0, 51, 255]);
  });

  it('is none where the image’s table took away what it is of', () => {
    const table = { [Tag.ModalityLutSequence]: value('SQ', lut(0, 1, 2, 3)) };
    expect(greyScaleOf({}, frame, image(table))).toBeUndefined();
    expect(shades({ ...table, ...voi(windowItem(50.5, 101)) }, [0, 100], image(table))).toEqual([0, 255]);
    // Whole values of the viewer are too coarse to look up what is between them.
    const state = { [Tag.ModalityLutSequence]: value('SQ', lut(0, 3, 2, 1, 0)) };
    expect(greyScaleOf(state, frame, image(rescaled(0.01, 0)))).toBeUndefined();
  });
});
