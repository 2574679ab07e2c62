import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import { seriesContent, withBelievableFrames } from './frames';
import { slicePositionMm, sortFrames } from './sortFrames';

const element = (vr: string, ...Value: unknown[]) => ({ vr, Value });

function ctSlice(uid: string, instanceNumber: number, z: number): DataSet {
  return {
    '00080016': element('UI', '1.2.840.10008.5.1.4.1.1.2'),
    '00080018': element('UI', uid),
    '00200013': element('IS', instanceNumber),
    '00200032': element('DS', -100, -100, z),
    '00200037': element('DS', 1, 0, 0, 0, 1, 0),
    '00280010': element('US', 512),
    '00280011': element('US', 512),
    '00280030': element('DS', 0.5, 0.5),
    '00180050': element('DS', 5),
    '00281050': element('DS', 40),
    '00281051': element('DS', 400),
  };
}

const uids = (instances: DataSet[]) => sortFrames(seriesContent(instances).frames).map((frame) => frame.sopInstanceUid);

describe('stack order', () => {
  it('follows the position from head to foot, whatever the instance numbers say', () =>
    expect(uids([ctSlice('1.1', 1, 0), ctSlice('1.2', 2, 20), ctSlice('1.3', 3, 10)])).toEqual(['1.2', '1.3', '1.1']));

  it('reads the same stack the same way when its normal is turned round', () => {
    const turned = (uid: string, z: number): DataSet => ({
      ...ctSlice(uid, 1, z),
      '00200037': element('DS', 1, 0, 0, 0, -1, 0),
    });
    expect(uids([turned('1.1', 0), turned('1.2', 20)])).toEqual(['1.2', '1.1']);
  });

  it('falls back to instance numbers when one slice has no position', () => {
    const { '00200032': _dropped, ...lost } = ctSlice('1.3', 2, 0);
    expect(uids([ctSlice('1.1', 3, 0), ctSlice('1.2', 1, 20), lost])).toEqual(['1.2', '1.3', '1.1']);
  });

  it('falls back to instance numbers when planes are not parallel (localisers)', () => {
    const sagittal = { ...ctSlice('1.3', 1, 0), '00200037': element('DS', 0, 1, 0, 0, 0, -1) };
    expect(uids([ctSlice('1.1', 3, 0), ctSlice('1.2', 2, 20), sagittal])).toEqual(['1.3', '1.2', '1.1']);
  });

  it('orders slices at one place by number', () =>
    expect(uids([ctSlice('1.1', 2, 5), ctSlice('1.2', 1, 5)])).toEqual(['1.2', '1.1']));

  it('reports the position along the axis of the patient', () => {
    const [frame] = seriesContent([ctSlice('1.1', 1, 12.5)]).frames;
    expect(frame && slicePositionMm(frame)).toBe(12.5);
  });
});

describe('frames of multi-frame instances', () => {
  const plane = (z: number) => element('SQ', { '00200032': element('DS', 0, 0, z) });
  const enhanced: DataSet = {
    '00080016': element('UI', '1.2.840.10008.5.1.4.1.1.2.1'),
    '00080018': element('UI', '1.9'),
    '00280008': element('IS', '3'),
    '00280010': element('US', 64),
    '00280011': element('US', 64),
    '52009229': element('SQ', {
      '00209116': element('SQ', { '00200037': element('DS', 1, 0, 0, 0, 1, 0) }),
      '00289110': element('SQ', { '00280030': element('DS', 0.7, 0.8), '00180050': element('DS', 2) }),
    }),
    '52009230': element(
      'SQ',
      {
        '00209113': plane(0),
        '00289132': element('SQ', { '00281050': element('DS', 1), '00281051': element('DS', 2) }),
      },
      { '00209113': plane(2) },
      { '00209113': plane(4) },
    ),
  };

  it('reads place, spacing and window from the functional groups', () => {
    const { frames } = seriesContent([enhanced]);
    expect(frames.map((frame) => frame.position?.[2])).toEqual([0, 2, 4]);
    expect(frames[1]?.spacing).toEqual({ rowMm: 0.7, columnMm: 0.8, source: 'patient' });
    expect(frames[2]?.thicknessMm).toBe(2);
    expect(frames[0]?.windows[0]).toMatchObject({ center: 1, width: 2 });
    expect(sortFrames(frames).map((frame) => frame.frameNumber)).toEqual([3, 2, 1]);
  });

  it('has all windows and tables of a frame, of its own groups before those of the instance', () => {
    const lut = (name: string) => ({
      '00283002': element('US', 2, 0, 8),
      '00283003': element('LO', name),
      '00283006': element('US', 255, 0),
    });
    const voi = (...tables: DataSet[]) => ({ '00283010': element('SQ', ...tables) });
    const several: DataSet = {
      ...enhanced,
      '00281050': element('DS', 40, 300),
      '00281051': element('DS', 400, 1500),
      '00281055': element('LO', 'SOFT', 'BONE'),
      ...voi(lut('ALL')),
      '52009230': element(
        'SQ',
        { '00289132': element('SQ', voi(lut('NEGATIVE'), lut('OTHER'))) },
        { '00289132': element('SQ', { '00281050': element('DS', 1, 2), '00281051': element('DS', 2, 4) }) },
        {},
      ),
    };
    const { frames } = seriesContent([several]);
    expect(frames.map(({ windows }) => windows.map(({ explanation, width }) => explanation ?? width))).toEqual([
      ['NEGATIVE', 'OTHER'],
      [2, 4],
      ['SOFT', 'BONE', 'ALL'],
    ]);
    expect(frames[0]?.windows[0]?.table?.entries).toEqual(Uint16Array.of(255, 0));
  });

  it('keeps the frames of a recording in order and knows their speed', () => {
    const clip: DataSet = {
      '00080016': element('UI', '1.2.840.10008.5.1.4.1.1.3.1'),
      '00080018': element('UI', '1.8'),
      '00280002': element('US', 3),
      '00280008': element('IS', 12),
      '00280010': element('US', 240),
      '00280011': element('US', 320),
      '00181063': element('DS', '33.3'),
    };
    const content = seriesContent([clip]);
    expect(sortFrames(content.frames).map((frame) => frame.frameNumber)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    expect(content.frameRate).toBe(30);
    expect(content.frames[0]?.isColour).toBe(true);
  });

  it('passes on no more frames than it believes, and adds no number where none is', () => {
    const declaring = (count: number) => withBelievableFrames({ '00280008': element('IS', count) });
    expect(declaring(2_147_483_647)).toEqual({ '00280008': element('IS', 20_000) });
    expect(declaring(12)).toEqual({ '00280008': element('IS', 12) });
    expect(withBelievableFrames({})).toEqual({});
  });

  it('does not believe an absurd number of frames', () =>
    expect(seriesContent([{ ...enhanced, '00280008': element('IS', 2 ** 31) }]).frames.length).toBeLessThanOrEqual(
      20_000,
    ));
});

describe('objects that are no pictures', () => {
  const kindOf = (sopClass: string, extra: DataSet = {}) =>
    seriesContent([{ '00080016': element('UI', sopClass), '00080018': element('UI', '1.7'), ...extra }]).others[0]
      ?.kind;
  const pixels: DataSet = { '00280010': element('US', 8), '00280011': element('US', 8) };

  it('are named', () => {
    expect(kindOf('1.2.840.10008.5.1.4.1.1.88.33')).toBe('structuredReport');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.88.59')).toBe('keyObject');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.11.1')).toBe('presentationState');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.66.4', pixels)).toBe('segmentation');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.66')).toBe('rawData');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.66.1')).toBe('registration');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.481.2', pixels)).toBe('radiotherapy');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.481.1', pixels)).toBeUndefined();
    expect(kindOf('1.2.840.10008.5.1.4.1.1.104.1')).toBe('pdf');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.9.1.1')).toBe('waveform');
    expect(kindOf('1.2.840.10008.5.1.4.1.1.2', pixels)).toBeUndefined();
    expect(kindOf('1.2.3')).toBe('unknown');
  });

  it('include video by its transfer syntax', () =>
    expect(
      kindOf('1.2.840.10008.5.1.4.1.1.77.1.1.1', {
        ...pixels,
        '00083002': element('UI', '1.2.840.10008.1.2.4.102'),
      }),
    ).toBe('video'));

  it('leave out what has no valid UID', () => {
    const content = seriesContent([{ '00080018': element('UI', '../../etc/passwd'), ...pixels }]);
    expect([content.frames.length, content.others.length]).toEqual([0, 0]);
  });

  const video = (uid: string, instanceNumber: number): DataSet => ({
    '00080016': element('UI', '1.2.840.10008.5.1.4.1.1.77.1.1.1'),
    '00080018': element('UI', uid),
    '00083002': element('UI', '1.2.840.10008.1.2.4.102'),
    '00181063': element('DS', 40),
    '00200013': element('IS', instanceNumber),
    '00280008': element('IS', 48),
    '00280010': element('US', 256),
    '00280011': element('US', 256),
  });

  it('are listed by their number, beside the pictures', () => {
    const content = seriesContent([video('1.2', 9), ctSlice('1.1', 1, 0), video('1.3', 2)]);
    expect(content.frames).toHaveLength(1);
    expect(content.others.map((other) => other.sopInstanceUid)).toEqual(['1.3', '1.2']);
  });

  it('say of a video what its header says of the stream', () =>
    expect(seriesContent([video('1.2', 1)]).others[0]).toMatchObject({
      kind: 'video',
      stream: { transferSyntaxUid: '1.2.840.10008.1.2.4.102', numberOfFrames: 48, frameRate: 25 },
    }));
});
