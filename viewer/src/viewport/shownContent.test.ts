import { describe, expect, it } from 'vitest';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import type { OtherObject, SeriesContent } from '../imaging/frames';
import type { OtherObjectKind } from '../imaging/objects';
import { aFrame } from '../imaging/testFrame';
import { type Content, stackOf } from './layout';
import { shownContent, shownInstance } from './shownContent';

const [study, series] = ['1' as StudyInstanceUid, '1.1' as SeriesInstanceUid];
const object = (uid: string, kind: OtherObjectKind): OtherObject => ({
  sopClassUid: '',
  sopInstanceUid: uid as SopInstanceUid,
  kind,
  title: undefined,
  instanceNumber: undefined,
  stream: undefined,
});
const [pdf, video, rawData] = [object('1.2', 'pdf'), object('1.3', 'video'), object('1.4', 'rawData')];
const report = object('1.5', 'structuredReport');
const holding = (others: readonly OtherObject[], pictures = 0): SeriesContent => ({
  frames: Array.from({ length: pictures }, () => aFrame({})),
  others,
  frameRate: undefined,
});
const stack = stackOf(study, series);
const objects: Content = { kind: 'objects', study, series };
const single = (kind: 'pdf' | 'video', { sopInstanceUid: instance }: OtherObject): Content => ({
  kind,
  study,
  series,
  instance,
});

describe('a viewport with a series', () => {
  it.each([
    ['pictures', stack, holding([], 3), { kind: 'pictures' }],
    ['pictures with something beside them', stack, holding([pdf], 3), { kind: 'pictures' }],
    ['what is beside the pictures, if asked for', objects, holding([pdf], 3), { kind: 'list' }],
    ['a document that is alone', stack, holding([pdf]), { kind: 'object', object: pdf }],
    ['a video that is alone', stack, holding([video]), { kind: 'object', object: video }],
    ['a list of several', stack, holding([pdf, video]), { kind: 'list' }],
    ['a list of what cannot be shown', stack, holding([rawData]), { kind: 'list' }],
    ['a list rather than one of two', stack, holding([pdf, rawData]), { kind: 'list' }],
    ['the object that was chosen', single('video', video), holding([pdf, video], 3), { kind: 'object', object: video }],
    ['a list if the chosen one is gone', single('video', video), holding([pdf], 3), { kind: 'list' }],
    ['pictures if nothing else is left', single('pdf', pdf), holding([], 3), { kind: 'pictures' }],
    ['a report that is alone', stack, holding([report]), { kind: 'object', object: report }],
    [
      'what a reference leads to',
      { ...stack, at: { instance: '1.3', frameNumber: undefined } } as Content,
      holding([pdf, video], 3),
      { kind: 'object', object: video },
    ],
    ['a list of nothing', stack, holding([]), { kind: 'list' }],
  ])('shows %s', (_, content, held, expected) => expect(shownContent(content, held)).toEqual(expected));
});

describe('the instance that is shown', () => {
  it.each([
    ['the image at the present place', stack, holding([pdf], 3), '1.2.3.4'],
    ['a document that is alone', stack, holding([pdf]), '1.2'],
    ['the object that was chosen', single('video', video), holding([pdf, video], 3), '1.3'],
    ['the first of a list', objects, holding([rawData, pdf], 3), '1.4'],
    ['none of nothing', stack, holding([]), undefined],
  ])('is %s', (_, content, held, expected) => {
    const shown = shownInstance(content, held, 1);
    expect(shown?.instance).toBe(expected);
  });
});
