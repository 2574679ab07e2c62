/** What a viewport shows in terms of the quick pictures' page, and the other way round. */
import { middle, type Placement, screenAt } from '../imaging/placement';
import type { Field, Seen } from '../lite/handover';
import type { ViewState } from './viewState';

/** What is seen in a viewport; undefined while nothing is. */
export function seenIn(state: ViewState): Seen | undefined {
  const { series, index, window, placement, shown } = state;
  const frame = series?.frames[index];
  if (!series || !frame) {
    return undefined;
  }
  const own = frame.windows[0];
  const isOwn = !window || window.table || (own && own.center === window.center && own.width === window.width);
  return {
    study: series.studyInstanceUid,
    series: series.seriesInstanceUid,
    instance: frame.sopInstanceUid,
    frame: frame.frameNumber,
    window: isOwn ? undefined : { center: window.center, width: window.width },
    field: shown && placement ? fieldIn(placement) : undefined,
    isPlaying: state.playing,
    isChosen: true,
  };
}

function fieldIn(placement: Placement): Field {
  const { width, height, right } = placement;
  return {
    middle: middle(placement),
    half: (Math.min(width, height) / 2) * Math.hypot(...right),
  };
}

/** How a viewport is to be magnified, and then moved, to have this part of the picture in sight. */
export function magnificationTo(field: Field, placement: Placement): number {
  return fieldIn(placement).half / field.half;
}

/** By how many pixels of the screen. */
export function offsetTo({ middle: point }: Field, placement: Placement): readonly [number, number] {
  const { width, height } = placement;
  const [x, y] = screenAt(placement, point) ?? [width / 2, height / 2];
  return [width / 2 - x, height / 2 - y];
}
