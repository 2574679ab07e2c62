/** Which series is looked at, which is laid over it, and why one was not. */
import { useCallback, useMemo, useState } from 'react';
import type { Series } from '../dicomweb/series';
import { belowFirst, type FusionRefusal, isFusable } from '../imaging/fusion';
import type { VolumeEnd } from '../viewport/readingState';

export interface Refused {
  readonly series: Series;
  readonly why: FusionRefusal | VolumeEnd;
}

export interface Fusion {
  readonly open: Series;
  readonly below: Series;
  readonly above: Series | undefined;
  /** What can be chosen, of the study. */
  readonly candidates: readonly Series[];
  /** Of these, what was chosen. */
  readonly other: Series | undefined;
  readonly choose: (other: Series | undefined) => void;
  readonly refused: Refused | undefined;
  readonly refuse: (why: Refused['why']) => void;
}

export function useFusion(open: Series, list: readonly Series[]): Fusion {
  const [{ other, refused }, setState] = useState<{ other?: Series; refused?: Refused }>({});
  const [below, above] = useMemo(() => (other ? belowFirst(open, other) : [open, undefined]), [open, other]);
  return {
    open,
    below,
    above,
    candidates: isFusable(open.modality)
      ? list.filter((series) => isFusable(series.modality) && series.seriesInstanceUid !== open.seriesInstanceUid)
      : [],
    other,
    choose: useCallback((chosen) => setState(chosen ? { other: chosen } : {}), []),
    refused,
    refuse: useCallback((why) => setState(({ other: series }) => (series ? { refused: { series, why } } : {})), []),
  };
}
