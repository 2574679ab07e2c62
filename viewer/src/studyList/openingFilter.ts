/** The filters that the list opens with, if the account keeps such. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { fetchSavedFilters } from '../server/studyList';
import { type ListFilters, parseListFilters } from './filters';

export const savedFilters = queryOptions({
  queryKey: ['saved-filters'],
  queryFn: ({ signal }) => fetchSavedFilters(signal),
});

/** Whose list this window has opened already: whoever clears the filters wants them cleared. */
let openedFor: string | undefined;

/** Applies them the first time that the list opens for an account, with a bare address; false until that is done. */
export function useOpeningFilter(
  account: string,
  filters: ListFilters,
  onChange: (filters: ListFilters) => void,
): boolean {
  const [isBare] = useState(() => openedFor !== account && Object.keys(filters).length === 0);
  const saved = useQuery({ ...savedFilters, enabled: isBare });
  // Without an answer the list opens as it would without any.
  const isAnswered = !isBare || saved.isSuccess || saved.isError;
  const kept = isBare && openedFor !== account ? saved.data?.find(({ opens }) => opens) : undefined;
  const opening = useMemo(() => parseListFilters(kept?.filters ?? {}), [kept]);
  const isOther = Object.keys(opening).length > 0;
  useEffect(() => {
    if (isAnswered && openedFor !== account) {
      openedFor = account;
      if (isOther) {
        onChange(opening);
      }
    }
  }, [isAnswered, account, isOther, opening, onChange]);
  return isAnswered && !isOther;
}
