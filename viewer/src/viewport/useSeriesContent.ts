/** A series ready to be opened: metadata fetched, frames in display order, lookup tables in place. */
import { type QueryClient, queryOptions, skipToken, useQuery } from '@tanstack/react-query';
import { withLookupTables } from '../dicomweb/bulkData';
import type { DataSet } from '../dicomweb/dataSet';
import { type CountedSeries, fetchMetadata } from '../dicomweb/series';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { type SeriesContent, seriesContent } from '../imaging/frames';
import { sortFrames } from '../imaging/sortFrames';

export interface LoadedSeries {
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly content: SeriesContent;
  readonly metadata: readonly DataSet[];
}

function countKey(study: StudyInstanceUid, series: SeriesInstanceUid) {
  return ['counted', study, series] as const;
}

export function seriesQuery(study: StudyInstanceUid | undefined, series: SeriesInstanceUid | undefined) {
  return queryOptions({
    queryKey: ['metadata', study, series],
    enabled: study !== undefined && series !== undefined,
    staleTime: 5 * 60_000,
    // Data sets are plain and large: comparing them in depth on every fetch would cost more than it saves.
    structuralSharing: false,
    queryFn: async ({ signal, client }): Promise<LoadedSeries> => {
      if (study === undefined || series === undefined) {
        throw new Error('no series chosen');
      }
      const found = await fetchMetadata(study, series, signal);
      const metadata = await Promise.all(found.map((instance) => withLookupTables(instance, signal)));
      const content = seriesContent(metadata);
      const counted: CountedSeries = { instances: metadata.length, images: content.frames.length };
      client.setQueryData(countKey(study, series), counted);
      return {
        seriesInstanceUid: series,
        content: { ...content, frames: sortFrames(content.frames) },
        metadata,
      };
    },
  });
}

/** The content of a series of a study; nothing while no series is chosen. */
export function useSeriesContent(study: StudyInstanceUid | undefined, series: SeriesInstanceUid | undefined) {
  return useQuery(seriesQuery(study, series));
}

/** A series as it was loaded, if it was. */
export function loadedSeries(
  client: QueryClient,
  study: StudyInstanceUid,
  series: SeriesInstanceUid,
): LoadedSeries | undefined {
  return client.getQueryData(seriesQuery(study, series).queryKey);
}

/** What a series was found to hold when it was last loaded; it is not loaded for that. */
export function useCountedSeries(study: StudyInstanceUid, series: SeriesInstanceUid): CountedSeries | undefined {
  return useQuery<CountedSeries>({ queryKey: countKey(study, series), queryFn: skipToken }).data;
}
