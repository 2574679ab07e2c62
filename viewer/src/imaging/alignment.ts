/** What brings one picture to the size and place of another on the screen, in millimetres where both know them. */
import type { Frame } from './frames';
import { isLinkable, type PicturePoint, planeOfFrame, toPatient, toPicture } from './imagePlane';
import { middle, type Placement, type ScreenPoint, screenAt } from './placement';

/** A frame as it is seen in a viewport. */
export interface Seen {
  readonly frame: Frame;
  readonly placement: Placement;
  readonly mmPerPixel: number | undefined;
}

/** Of the height of the viewport, what the rows of the frame take: the size of a picture without a scale. */
function shareOfHeight({ frame, placement }: Seen): number {
  const stepsPerPixel = Math.hypot(placement.right[0], placement.right[1]);
  return stepsPerPixel > 0 ? frame.rows / stepsPerPixel / placement.height : 0;
}

/** By how much `other` has to be magnified to be as large as `model`. */
export function magnification(model: Seen, other: Seen): number | undefined {
  const factor =
    model.mmPerPixel && other.mmPerPixel
      ? other.mmPerPixel / model.mmPerPixel
      : shareOfHeight(model) / shareOfHeight(other);
  return Number.isFinite(factor) && factor > 0 ? factor : undefined;
}

/** The point of `other` that corresponds to a point of `model`: in the patient, or else in proportion. */
function corresponding(model: Seen, other: Seen, point: PicturePoint): PicturePoint {
  const [from, to] = [planeOfFrame(model.frame), planeOfFrame(other.frame)];
  if (from && to && isLinkable(from, to)) {
    return toPicture(to, toPatient(from, point));
  }
  return [(point[0] / model.frame.columns) * other.frame.columns, (point[1] / model.frame.rows) * other.frame.rows];
}

/** How far `other` has to be moved so that what is in the middle of `model` is in its middle, too. */
export function shift(model: Seen, other: Seen): ScreenPoint | undefined {
  const { placement } = other;
  const at = screenAt(placement, corresponding(model, other, middle(model.placement)));
  return at && [placement.width / 2 - at[0], placement.height / 2 - at[1]];
}
