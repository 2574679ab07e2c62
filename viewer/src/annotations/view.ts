/** How an image was looked at, in the terms of presentation states (PS3.3 C.10.4 Displayed Area, C.10.6 Spatial Transformation). */

import type { PicturePoint } from '../imaging/imagePlane';
import { type Placement, pictureAt } from '../imaging/placement';
import type { VoiWindow } from '../imaging/window';

export interface SeenView {
  /** Clockwise, before the flip. */
  readonly rotation: 0 | 90 | 180 | 270;
  readonly isFlipped: boolean;
  readonly topLeft: PicturePoint;
  readonly bottomRight: PicturePoint;
  readonly window: VoiWindow | undefined;
  readonly isInverted: boolean;
  /** Height of a pixel to its width. */
  readonly aspect: number;
}

const quarters = [0, 90, 180, 270] as const;

export function turnOf({ right, down }: Placement): Pick<SeenView, 'rotation' | 'isFlipped'> {
  const isFlipped = right[0] * down[1] - right[1] * down[0] < 0;
  const angle = isFlipped ? Math.atan2(right[1], -right[0]) : Math.atan2(-right[1], right[0]);
  return { rotation: quarters[(Math.round(angle / (Math.PI / 2)) + 4) % 4] ?? 0, isFlipped };
}

export function seenView(placement: Placement, look: Pick<SeenView, 'window' | 'isInverted' | 'aspect'>): SeenView {
  return {
    ...turnOf(placement),
    topLeft: pictureAt(placement, [0, 0]),
    bottomRight: pictureAt(placement, [placement.width, placement.height]),
    ...look,
  };
}
