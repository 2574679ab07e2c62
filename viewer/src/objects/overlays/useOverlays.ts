/** The overlays of a study, and the frames of segmentations as they are wanted. */
import { queryOptions, type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query';
import { fetchMetadata, fetchSeriesList } from '../../dicomweb/series';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../../dicomweb/uid';
import { frameUrl } from '../../dicomweb/urls';
import { request } from '../../server/request';
import type { OverlayObject } from './model';
import { readOverlay } from './readOverlay';

/** An overlay, and where its instance stands. */
export interface FoundOverlay {
  readonly series: SeriesInstanceUid;
  readonly overlay: OverlayObject;
}

function combineOverlays(results: readonly UseQueryResult<readonly FoundOverlay[]>[]) {
  return {
    overlays: results.flatMap(({ data }) => data ?? []),
    isPending: results.some(({ isPending }) => isPending),
    isError: results.some(({ isError }) => isError),
  };
}

function combinePixels(results: readonly UseQueryResult<Uint8Array>[]) {
  return { pixels: results.map(({ data }) => data), isError: results.some(({ isError }) => isError) };
}

const modalities = new Set(['SEG', 'RTSTRUCT']);

/** All overlays of a study, series by series as they come. */
export function useOverlays(study: StudyInstanceUid) {
  const list = useQuery({ queryKey: ['series', study], queryFn: ({ signal }) => fetchSeriesList(study, signal) });
  const wanted = (list.data ?? []).filter(({ modality }) => modalities.has(modality));
  const found = useQueries({
    combine: combineOverlays,
    queries: wanted.map(({ seriesInstanceUid: series }) => ({
      queryKey: ['overlays', study, series],
      structuralSharing: false,
      staleTime: 5 * 60_000,
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<readonly FoundOverlay[]> =>
        (await fetchMetadata(study, series, signal)).flatMap((instance) => {
          const overlay = readOverlay(instance);
          return overlay ? [{ series, overlay }] : [];
        }),
    })),
  });
  return { ...found, isPending: list.isPending || found.isPending, isError: list.isError || found.isError };
}

interface FrameAddress {
  readonly series: SeriesInstanceUid;
  readonly instance: SopInstanceUid;
  readonly frameNumber: number;
}

/** The stored pixels of a frame, decoded by the server; they never change and are kept for a while. */
export function framePixelsQuery(study: StudyInstanceUid, { series, instance, frameNumber }: FrameAddress) {
  return queryOptions({
    queryKey: ['storedFrame', study, series, instance, frameNumber],
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const response = await request(frameUrl(study, series, instance, frameNumber), {
        signal,
        headers: { Accept: 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1' },
      });
      return new Uint8Array(await response.arrayBuffer());
    },
  });
}

export function useFramePixels(study: StudyInstanceUid, frames: readonly FrameAddress[]) {
  return useQueries({
    combine: combinePixels,
    queries: frames.map((frame) => framePixelsQuery(study, frame)),
  });
}
