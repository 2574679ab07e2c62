import { describe, expect, it } from 'vitest';
import { text } from '../dicomweb/dataSet';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { Desk, noMarks } from './desk';
import { readKeyObjects, titleOf, writeKeyObjects } from './dicom/keyObjects';
import type { ReadReport } from './dicom/readReport';
import { Tag } from './dicom/tags';
import { keyTitles } from './keyTitles';
import type { Annotation, ImageReference } from './model';
import { united } from './versions';

const image: ImageReference = {
  seriesInstanceUid: '1.2' as SeriesInstanceUid,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '1.3' as SopInstanceUid,
  frameNumber: undefined,
};
const annotation: Annotation = {
  uid: '1.9',
  kind: 'text',
  image,
  points: [[1, 1]],
  label: 'Gan',
  labelAt: undefined,
  measures: [],
  sizeSource: 'none',
};

function written(title: (typeof keyTitles)[number]) {
  return writeKeyObjects({
    author: 'bs.an',
    language: 'vi',
    at: new Date(2026, 0, 5, 8, 15),
    studyInstanceUid: '1.1' as StudyInstanceUid,
    sopInstanceUid: '1.4',
    series: { uid: '1.5', number: 9 },
    instanceNumber: 1,
    images: [image],
    title,
    belonging: {},
  });
}

describe('key images', () => {
  it('keep what they are for', () => {
    for (const title of keyTitles) {
      const read = readKeyObjects(written(title));
      expect(read && titleOf(read)).toBe(title);
      expect(read?.author).toBe('bs.an');
      expect(read?.images).toEqual([image]);
    }
  });

  it('of another system are for what that says, also if readers cannot choose it here', () => {
    const own = written('forTeaching');
    const code = own[Tag.ConceptNameCodeSequence]?.Value?.[0] as Record<string, unknown>;
    code[Tag.CodeValue] = { vr: 'SH', Value: ['113001'] };
    code[Tag.CodeMeaning] = { vr: 'LO', Value: ['Rejected for <b>Quality</b> Reasons'] };
    const read = readKeyObjects(own);
    expect(read && titleOf(read)).toBeUndefined();
    expect(read?.title?.meaning).toBe('Rejected for <b>Quality</b> Reasons');
  });

  it('are opened again with the title of the save that they are of', () => {
    const dataSet = written('forConference');
    const read = readKeyObjects(dataSet);
    const report = {
      isOurs: true,
      date: text(dataSet, Tag.ContentDate) ?? '',
      time: text(dataSet, Tag.ContentTime) ?? '',
      annotations: [] as readonly Annotation[],
    } as ReadReport;
    expect(united([report], read ? [read] : [])).toMatchObject({ keyTitle: 'forConference', keyImages: [image] });
    expect(united([], read ? [read] : [])).toEqual(noMarks);
  });
});

describe('an earlier version', () => {
  const opened = () => {
    const desk = new Desk(() => undefined);
    desk.opened({ ...noMarks, annotations: [annotation] }, []);
    desk.look({ sopInstanceUid: '1.4', annotations: [] });
    return desk;
  };

  it('is looked at and changes nothing', () => {
    const desk = opened();
    expect(desk.store.getState()).toMatchObject({ earlier: { sopInstanceUid: '1.4' }, past: [] });
    expect(desk.marks.annotations).toEqual([annotation]);
  });

  it('is left as soon as something is done to the present one', () => {
    for (const act of [
      (desk: Desk) => desk.draw(annotation),
      (desk: Desk) => desk.setKeyTitle('forSurgery'),
      (desk: Desk) => desk.remove(annotation.uid),
      (desk: Desk) => desk.look(undefined),
    ]) {
      const desk = opened();
      act(desk);
      expect(desk.store.getState().earlier).toBeUndefined();
    }
  });
});
