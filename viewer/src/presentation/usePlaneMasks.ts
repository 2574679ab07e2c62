/** The masks of overlay planes over the frame that is shown, as their bits come. */
import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { bulkBytes } from '../dicomweb/bulkBytes';
import { inlineBytes } from '../dicomweb/dataSet';
import type { Frame } from '../imaging/frames';
import { useFramePixels } from '../objects/overlays/useOverlays';
import type { OpenSeries } from '../viewport/viewState';
import { maskOfPlane, type OverlayPlane, type PlaneMask, planeOver } from './overlayPlanes';

/** All frames of a plane together; more is not fetched. */
const mostBytes = 64 * 2 ** 20;

export interface MaskedPlane {
  readonly plane: OverlayPlane;
  readonly mask: PlaneMask;
}

function combine(results: readonly UseQueryResult<Uint8Array>[]) {
  return { bytes: results.map(({ data }) => data), isError: results.some(({ isError }) => isError) };
}

export function usePlaneMasks(series: OpenSeries, frame: Frame | undefined, planes: readonly OverlayPlane[]) {
  const own = useQueries({
    combine,
    queries: planes.map(({ bits }) => {
      const element = bits.kind === 'data' ? bits.element : undefined;
      const uri = element?.BulkDataURI;
      return {
        queryKey: ['overlayPlane', uri ?? element?.InlineBinary],
        enabled: element !== undefined,
        structuralSharing: false,
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 60_000,
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          uri === undefined
            ? (inlineBytes({ data: element ?? { vr: 'OB' } }, 'data') ?? new Uint8Array())
            : bulkBytes(uri, mostBytes, signal),
      };
    }),
  });
  const isAmongPixels = planes.some(({ bits }) => bits.kind === 'pixels');
  const pixels = useFramePixels(
    series.studyInstanceUid,
    frame && isAmongPixels
      ? [{ series: series.seriesInstanceUid, instance: frame.sopInstanceUid, frameNumber: frame.frameNumber }]
      : [],
  );
  const [ofFrame] = pixels.pixels;
  const masked = useMemo(
    () =>
      planes.flatMap((plane, at): MaskedPlane[] => {
        const bytes = plane.bits.kind === 'data' ? own.bytes[at] : ofFrame;
        const place = frame && planeOver(plane, frame.frameNumber);
        const mask = bytes && frame && place !== undefined ? maskOfPlane(plane, place, bytes, frame) : undefined;
        return mask ? [{ plane, mask }] : [];
      }),
    [planes, own.bytes, ofFrame, frame],
  );
  return { masked, isError: own.isError || pixels.isError };
}
