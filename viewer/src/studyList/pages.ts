/** The pages of the list that a window has at hand, and what becomes of their rows. */
import type { InfiniteData } from '@tanstack/react-query';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { ListedStudy, StudyPage } from '../server/studyList';

/** What every query of the list begins with. */
export const studiesKey = 'studies';

export type Pages = InfiniteData<StudyPage, string>;

/** The pages with one row changed, or taken out; undefined if the study is in none. */
export function withRow(
  pages: Pages,
  uid: StudyInstanceUid,
  change: (row: ListedStudy) => ListedStudy | undefined,
): Pages | undefined {
  let found = false;
  const changed = pages.pages.map((page) => {
    if (!page.studies.some(({ studyInstanceUid }) => studyInstanceUid === uid)) {
      return page;
    }
    found = true;
    const studies = page.studies.flatMap((row) => (row.studyInstanceUid === uid ? (change(row) ?? []) : [row]));
    return { ...page, studies };
  });
  return found ? { ...pages, pages: changed } : undefined;
}

/** One row a study, though it may have moved from one page to another between two requests. */
export function distinctStudies(pages: readonly StudyPage[]): ListedStudy[] {
  const seen = new Map<StudyInstanceUid, ListedStudy>();
  for (const study of pages.flatMap(({ studies }) => studies)) {
    if (!seen.has(study.studyInstanceUid)) {
      seen.set(study.studyInstanceUid, study);
    }
  }
  return [...seen.values()];
}
