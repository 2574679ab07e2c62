/** The presentation states of a study that other systems made, series by series as they come. */
import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { withLookupTables } from '../dicomweb/bulkData';
import { fetchMetadata } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { useStudy } from '../viewport/useStudy';
import { type PresentationState, readState } from './state';

function combine(results: readonly UseQueryResult<readonly PresentationState[]>[]) {
  return {
    states: results.flatMap(({ data }) => data ?? []),
    isError: results.some(({ isError }) => isError),
  };
}

export function usePresentationStates(study: StudyInstanceUid) {
  const { list = [] } = useStudy(study);
  return useQueries({
    combine,
    queries: list
      .filter(({ modality }) => modality === 'PR')
      .map(({ seriesInstanceUid: series }) => ({
        queryKey: ['presentationStates', study, series],
        structuralSharing: false,
        staleTime: 5 * 60_000,
        queryFn: async ({ signal }: { signal: AbortSignal }): Promise<readonly PresentationState[]> => {
          const found = await fetchMetadata(study, series, signal);
          const whole = await Promise.all(found.map((dataSet) => withLookupTables(dataSet, signal)));
          return whole.flatMap((dataSet) => readState(dataSet) ?? []);
        },
      })),
  });
}
