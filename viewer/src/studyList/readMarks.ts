/** What this account has read: told to the server, to the list of this window and to those of others. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { type ReadMark, sendReadMark } from '../server/studyList';
import { type Pages, studiesKey, withRow } from './pages';
import { tell } from './windows';

/** Shows the mark of a study in every list that this window has at hand. */
export function showReadMark(queryClient: QueryClient, study: StudyInstanceUid, read: ReadMark): void {
  queryClient.setQueriesData<Pages>({ queryKey: [studiesKey] }, (pages) =>
    pages === undefined ? undefined : (withRow(pages, study, (row) => ({ ...row, read })) ?? pages),
  );
}

/** Marks a study for this account. A mark that the server does not take is as it was with the next page. */
export async function markStudy(queryClient: QueryClient, study: StudyInstanceUid, isRead: boolean): Promise<void> {
  await sendReadMark(study, isRead);
  const read = isRead ? 'read' : 'unread';
  showReadMark(queryClient, study, read);
  tell({ kind: 'marked', study, read });
}

/** A study that is opened, and there, is read. */
export function useMarkRead(study: StudyInstanceUid, isThere: boolean): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (isThere) {
      // A study that is deleted this moment, or a lost connection, leaves it unread: nothing to say over the images.
      markStudy(queryClient, study, true).catch(() => undefined);
    }
  }, [queryClient, study, isThere]);
}
