/**
 * The rows of the study list: fetched page by page as one scrolls, each behind the last row of the one before, and kept up to
 * date by the change feed. A study already in the list is refreshed in its place, or goes if it is gone; new ones are taken in
 * at once while the list stands at its top, else announced.
 */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { followChanges } from '../server/events';
import { type ListedStudy, listStudies } from '../server/studyList';
import { type ListFilters, matchKeys } from './filters';
import { distinctStudies, type Pages, studiesKey, withRow } from './pages';
import { showReadMark } from './readMarks';
import { hear } from './windows';

const pageSize = 100;

/** Changes of one study come in bursts while it is being sent; they are looked at together. */
const settleMs = 800;

/** Studies that are asked for in one request. */
const atOnce = 50;

/** What is arriving is looked at again so often: that nothing comes any more, no change tells. */
const arrivingMs = 20_000;

/** Asks for some studies as they are now under these keys; those that meet them no more are absent. */
async function fetchAgain(keyText: string, uids: readonly StudyInstanceUid[], signal: AbortSignal) {
  const fresh = new Map<StudyInstanceUid, ListedStudy>();
  for (let from = 0; from < uids.length; from += atOnce) {
    const keys = new URLSearchParams(keyText);
    keys.set('study', uids.slice(from, from + atOnce).join(','));
    for (const row of (await listStudies(keys, { after: '', limit: atOnce }, signal)).studies) {
      fresh.set(row.studyInstanceUid, row);
    }
  }
  return fresh;
}

/** The study list for these filters. `isAtTop` says whether new rows may come in without moving what is read. */
export function useStudies(filters: ListFilters, isEnabled: boolean, isAtTop: () => boolean) {
  const queryClient = useQueryClient();
  const keyText = matchKeys(filters, new Date()).toString();
  const queryKey = useMemo(() => [studiesKey, keyText] as const, [keyText]);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      listStudies(new URLSearchParams(keyText), { after: pageParam, limit: pageSize }, signal),
    initialPageParam: '',
    getNextPageParam: (lastPage) => lastPage.next,
    enabled: isEnabled,
  });

  const [arrived, setArrived] = useState<ReadonlySet<StudyInstanceUid>>(new Set());
  const [isLive, setIsLive] = useState(true);
  const atTop = useRef(isAtTop);
  atTop.current = isAtTop;

  const { refetch } = query;
  /** At the top only the first page is looked at: the others are let go, however many were scrolled through. */
  const takeIn = useCallback(async () => {
    setArrived(new Set());
    queryClient.setQueryData<Pages>(
      queryKey,
      (pages) => pages && { pages: pages.pages.slice(0, 1), pageParams: pages.pageParams.slice(0, 1) },
    );
    await refetch();
  }, [queryClient, queryKey, refetch]);

  useEffect(() => {
    setArrived(new Set());
    const controller = new AbortController();
    const changed = new Set<StudyInstanceUid>();
    let timer: number | undefined;

    const refresh = async () => {
      const uids = [...changed];
      changed.clear();
      const fresh = await fetchAgain(keyText, uids, controller.signal);
      let isNew = false;
      for (const uid of uids) {
        const pages = queryClient.getQueryData<Pages>(queryKey);
        const row = fresh.get(uid);
        const replaced = pages && withRow(pages, uid, () => row);
        if (replaced) {
          queryClient.setQueryData(queryKey, replaced);
        } else if (row) {
          isNew = true;
          setArrived((before) => new Set(before).add(uid));
        }
      }
      if (isNew && atTop.current()) {
        await takeIn();
      }
    };
    const refreshSoon = (study: StudyInstanceUid) => {
      changed.add(study);
      timer ??= window.setTimeout(() => {
        timer = undefined;
        // A failed refresh leaves the list as it was; the next change or a reload brings it up to date.
        refresh().catch(() => undefined);
      }, settleMs);
    };

    const unfollow = followChanges((change) => refreshSoon(change.study), setIsLive);
    const unhear = hear((message) => {
      if (message.kind === 'marked') {
        showReadMark(queryClient, message.study, message.read);
      }
    });
    const again = window.setInterval(() => {
      for (const row of distinctStudies(queryClient.getQueryData<Pages>(queryKey)?.pages ?? [])) {
        if (row.state === 'arriving') {
          refreshSoon(row.studyInstanceUid);
        }
      }
    }, arrivingMs);

    return () => {
      unfollow();
      unhear();
      controller.abort();
      window.clearTimeout(timer);
      window.clearInterval(again);
    };
  }, [queryClient, queryKey, keyText, takeIn]);

  const studies = useMemo(() => distinctStudies(query.data?.pages ?? []), [query.data]);
  return { query, studies, arrivedCount: arrived.size, takeIn, isLive };
}
