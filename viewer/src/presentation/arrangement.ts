/** How a presentation state lays an image: PS3.3 C.10.4 (Displayed Area Module) and C.10.6 (Spatial Transformation Module). */
import { type DataSet, items, number, numbers, text } from '../dicomweb/dataSet';
import type { Frame } from '../imaging/frames';
import type { Arrangement } from '../viewport/viewState';
import { isMeant } from './state';
import { PresentationTag } from './tags';

/** A side of an area, in pixels; larger ones are no area of a picture. */
const longestSide = 1_000_000;

function areaOf(selection: DataSet): Arrangement['area'] {
  const [x0, y0] = numbers(selection, PresentationTag.DisplayedAreaTopLeft);
  const [x1, y1] = numbers(selection, PresentationTag.DisplayedAreaBottomRight);
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) {
    return undefined;
  }
  // The corners are those of the picture as it is turned: either may be the lesser.
  const [left, right] = [Math.min(x0, x1) - 1.5, Math.max(x0, x1) - 0.5];
  const [top, bottom] = [Math.min(y0, y1) - 1.5, Math.max(y0, y1) - 0.5];
  const ratio = number(selection, PresentationTag.PresentationPixelMagnificationRatio) ?? 0;
  const isMagnified = text(selection, PresentationTag.PresentationSizeMode) === 'MAGNIFY' && ratio > 0;
  return right - left > longestSide || bottom - top > longestSide
    ? undefined
    : { topLeft: [left, top], bottomRight: [right, bottom], magnification: isMagnified ? ratio : undefined };
}

const quarters = [0, 90, 180, 270] as const;

export function arrangementOf(state: DataSet, frame: Frame): Omit<Arrangement, 'isInverted'> {
  const selection = items(state, PresentationTag.DisplayedAreaSelectionSequence).find((each) => isMeant(each, frame));
  const angle = (((number(state, PresentationTag.ImageRotation) ?? 0) % 360) + 360) % 360;
  return {
    rotation: quarters.find((quarter) => quarter === angle) ?? 0,
    isFlipped: text(state, PresentationTag.ImageHorizontalFlip) === 'Y',
    area: selection && areaOf(selection),
  };
}
