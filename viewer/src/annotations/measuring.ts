/** What annotations of a frame are measured by. */
import type { Frame } from '../imaging/frames';
import type { PicturePoint } from '../imaging/imagePlane';
import { lengthBetween, type PixelSize } from '../imaging/measuring';
import type { PixelSpacing } from '../imaging/spacing';
import type { PictureValues } from '../imaging/statistics';
import type { Measuring } from './kinds';
import type { Annotation, ImageReference } from './model';

const unknownSize: PixelSize = { column: 1, row: 1 };

/** The size that follows from a known length that was drawn on the same instance, the last one if there are several. */
function calibrated(
  annotations: readonly Annotation[],
  { sopInstanceUid }: ImageReference,
  shape: PixelSize,
): PixelSize | undefined {
  const known = annotations.findLast(
    ({ kind, image }) => kind === 'calibration' && image.sopInstanceUid === sopInstanceUid,
  );
  const [from, to] = known?.points ?? [];
  const mm = known?.measures[0]?.value;
  const drawn = from && to ? lengthBetween(from, to, shape) : 0;
  return mm !== undefined && drawn > 0
    ? { column: (shape.column * mm) / drawn, row: (shape.row * mm) / drawn }
    : undefined;
}

/** The spacing of the frame at these points: in ultrasound images that of the region that they all lie in. */
function spacingAt({ spacing, regions }: Frame, points: readonly PicturePoint[]): PixelSpacing | undefined {
  if (spacing?.source !== 'region') {
    return spacing;
  }
  const region = regions.find(({ left, top, right, bottom }) =>
    points.every(([x, y]) => x >= left - 0.5 && x <= right + 0.5 && y >= top - 0.5 && y <= bottom + 0.5),
  );
  return region && { ...region, source: 'region' };
}

/** A known length goes before the header, and that before nothing. */
export function measuringOf(
  frame: Frame,
  { image, points }: Pick<Annotation, 'image' | 'points'>,
  annotations: readonly Annotation[],
  values: PictureValues | undefined,
): Measuring {
  const spacing = spacingAt(frame, points);
  const header = spacing && { column: spacing.columnMm, row: spacing.rowMm };
  const manual = calibrated(annotations, image, header ?? unknownSize);
  return {
    pixel: manual ?? header ?? unknownSize,
    sizeSource: manual ? 'manual' : (spacing?.source ?? 'none'),
    values,
    meaning: frame.values,
  };
}
