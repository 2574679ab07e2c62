/**
 * The rows of the study list: fetched page by page as one scrolls, and kept up to date by the change feed. A study already
 * in the list is refreshed in its place; new ones are taken in at once while the list stands at its top, else announced.
 */
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Study, searchStudies } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { followChanges } from '../server/events';
import { type ListFilters, matchKeys } from './filters';

const pageSize = 100;

/** Changes of one study come in bursts while it is being sent; they are looked at together. */
const settleMs = 800;

type Pages = InfiniteData<Study[], number>;

/** Puts a fresh row in the place of the old one; undefined if the study is not in the list. */
export function replaceStudy(pages: Pages, fresh: Study): Pages | undefined {
  let found = false;
  const replaced = pages.pages.map((page) =>
    page.map((study) => {
      const same = study.studyInstanceUid === fresh.studyInstanceUid;
      found ||= same;
      return same ? fresh : study;
    }),
  );
  return found ? { ...pages, pages: replaced } : undefined;
}

/** One row a study, though pages may overlap when studies arrive between two requests. */
export function distinctStudies(pages: readonly (readonly Study[])[]): Study[] {
  const seen = new Map<StudyInstanceUid, Study>();
  for (const study of pages.flat()) {
    if (!seen.has(study.studyInstanceUid)) {
      seen.set(study.studyInstanceUid, study);
    }
  }
  return [...seen.values()];
}

/** The study list for these filters. `isAtTop` says whether new rows may come in without moving what is read. */
export function useStudies(filters: ListFilters, isAtTop: () => boolean) {
  const queryClient = useQueryClient();
  const keyText = matchKeys(filters, new Date()).toString();
  const queryKey = useMemo(() => ['studies', keyText] as const, [keyText]);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      searchStudies(new URLSearchParams(keyText), { offset: pageParam, limit: pageSize }, signal),
    initialPageParam: 0,
    getNextPageParam: (lastPage, pages) => (lastPage.length < pageSize ? undefined : pages.length * pageSize),
  });

  const [arrived, setArrived] = useState<ReadonlySet<StudyInstanceUid>>(new Set());
  const [isLive, setIsLive] = useState(true);
  const atTop = useRef(isAtTop);
  atTop.current = isAtTop;

  const { refetch } = query;
  const takeIn = useCallback(async () => {
    setArrived(new Set());
    await refetch();
  }, [refetch]);

  useEffect(() => {
    setArrived(new Set());
    const controller = new AbortController();
    const changed = new Set<StudyInstanceUid>();
    let timer: number | undefined;

    const refresh = async () => {
      const uids = [...changed];
      changed.clear();
      let isNew = false;
      for (const uid of uids) {
        const keys = new URLSearchParams(keyText);
        keys.set('StudyInstanceUID', uid);
        const [fresh] = await searchStudies(keys, { offset: 0, limit: 1 }, controller.signal);
        const pages = queryClient.getQueryData<Pages>(queryKey);
        if (!fresh || !pages) {
          continue;
        }
        const replaced = replaceStudy(pages, fresh);
        if (replaced) {
          queryClient.setQueryData(queryKey, replaced);
        } else {
          isNew = true;
          setArrived((before) => new Set(before).add(uid));
        }
      }
      if (isNew && atTop.current()) {
        await takeIn();
      }
    };

    const unfollow = followChanges((change) => {
      changed.add(change.study);
      timer ??= window.setTimeout(() => {
        timer = undefined;
        // A failed refresh leaves the list as it was; the next change or a reload brings it up to date.
        refresh().catch(() => undefined);
      }, settleMs);
    }, setIsLive);

    return () => {
      unfollow();
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [queryClient, queryKey, keyText, takeIn]);

  const studies = useMemo(() => distinctStudies(query.data?.pages ?? []), [query.data]);
  return { query, studies, arrivedCount: arrived.size, takeIn, isLive };
}
