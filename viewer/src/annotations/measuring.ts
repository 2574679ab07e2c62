/** What annotations of a frame are measured by. */
import type { Frame } from '../imaging/frames';
import { lengthBetween, type PixelSize } from '../imaging/measuring';
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

/** A known length goes before the header, and that before nothing. */
export function measuringOf(
  frame: Frame,
  image: ImageReference,
  annotations: readonly Annotation[],
  values: PictureValues | undefined,
): Measuring {
  const { spacing } = frame;
  const header = spacing && { column: spacing.columnMm, row: spacing.rowMm };
  const manual = calibrated(annotations, image, header ?? unknownSize);
  return {
    pixel: manual ?? header ?? unknownSize,
    sizeSource: manual ? 'manual' : (spacing?.source ?? 'none'),
    values,
    valueUnit: frame.valueUnit,
  };
}
