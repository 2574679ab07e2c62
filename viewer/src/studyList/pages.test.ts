import { describe, expect, it } from 'vitest';
import { studyInstanceUid } from '../dicomweb/uid';
import type { ListedStudy } from '../server/studyList';
import { distinctStudies, type Pages, withRow } from './pages';

const uid = (text: string) => {
  const parsed = studyInstanceUid(text);
  if (!parsed) {
    throw new Error(`${text} is a UID`);
  }
  return parsed;
};

const row = (text: string, description = ''): ListedStudy => ({
  studyInstanceUid: uid(text),
  patientName: undefined,
  patientId: undefined,
  patientSex: undefined,
  patientBirthDate: undefined,
  patientAge: undefined,
  studyDate: undefined,
  studyTime: undefined,
  studyDescription: description,
  accessionNumber: undefined,
  modalities: [],
  seriesCount: 1,
  instanceCount: 1,
  issuerOfPatientId: undefined,
  bodyParts: [],
  institutions: [],
  priors: 0,
  state: 'received',
  missing: 0,
  awaited: 0,
  read: 'unread',
});

const page = (...uids: string[]) => ({ studies: uids.map((text) => row(text)), next: undefined });
const pages: Pages = { pages: [page('1.1', '1.2'), page('1.3')], pageParams: ['', 'x'] };

describe('rows', () => {
  it('come once, though a study may move between two requests', () =>
    expect(distinctStudies([page('1.1', '1.2'), page('1.2', '1.3')]).length).toBe(3));

  it('are refreshed in their place', () => {
    const changed = withRow(pages, uid('1.3'), () => row('1.3', 'fresh'));
    expect(changed?.pages[1]?.studies[0]?.studyDescription).toBe('fresh');
    expect(changed?.pages[0]).toBe(pages.pages[0]);
  });

  it('go when their study does', () =>
    expect(withRow(pages, uid('1.1'), () => undefined)?.pages[0]?.studies.length).toBe(1));

  it('are left alone where they are not', () => expect(withRow(pages, uid('1.9'), (same) => same)).toBeUndefined());
});
