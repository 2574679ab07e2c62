/** A study and its series, asked for once for all who show something of it. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { fetchSeriesList } from '../dicomweb/series';
import { fetchStudy } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';

export function studyQuery(uid: StudyInstanceUid) {
  return queryOptions({ queryKey: ['study', uid], queryFn: ({ signal }) => fetchStudy(uid, signal) });
}

export function seriesListQuery(uid: StudyInstanceUid) {
  return queryOptions({ queryKey: ['series', uid], queryFn: ({ signal }) => fetchSeriesList(uid, signal) });
}

export function useStudy(uid: StudyInstanceUid) {
  return { study: useQuery(studyQuery(uid)).data ?? undefined, list: useQuery(seriesListQuery(uid)).data };
}
