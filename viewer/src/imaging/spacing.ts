/** How large a pixel is in millimetres, and how sure that is. Without a source there is no scale bar and no measuring. */
import { type DataSet, item, items, number, numbers } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

export interface PixelSpacing {
  /** Distance between rows: vertical. */
  readonly rowMm: number;
  /** Distance between columns: horizontal. */
  readonly columnMm: number;
  /**
   * `patient`: in the patient or calibrated (Pixel Spacing). `detector`: at the detector, so things in the patient are
   * smaller than the bar says (Imager Pixel Spacing, PS3.3 C.8.7.1). `region`: of an ultrasound region (C.8.5.5).
   */
  readonly source: 'patient' | 'detector' | 'region';
}

const regionSpatialFormat2d = 1;
const unitCentimetre = 3;

function pair(values: readonly number[], source: 'patient' | 'detector'): PixelSpacing | undefined {
  const [rowMm, columnMm] = values;
  return rowMm !== undefined && columnMm !== undefined && rowMm > 0 && columnMm > 0
    ? { rowMm, columnMm, source }
    : undefined;
}

/** A part of an ultrasound image of which the size of a pixel is known (PS3.3 C.8.5.5, US Region Calibration). */
export interface CalibratedRegion {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly rowMm: number;
  readonly columnMm: number;
}

/** The regions that show tissue, not those of scales, graphs and spectra. */
export function ultrasoundRegions(instance: DataSet): CalibratedRegion[] {
  return items(instance, Tag.SequenceOfUltrasoundRegions).flatMap((region) => {
    const deltaX = Math.abs(number(region, Tag.PhysicalDeltaX) ?? 0);
    const deltaY = Math.abs(number(region, Tag.PhysicalDeltaY) ?? deltaX);
    const isTissue =
      number(region, Tag.RegionSpatialFormat) === regionSpatialFormat2d &&
      number(region, Tag.PhysicalUnitsXDirection) === unitCentimetre;
    return isTissue && deltaX > 0 && deltaY > 0
      ? [
          {
            left: number(region, Tag.RegionLocationMinX0) ?? 0,
            top: number(region, Tag.RegionLocationMinY0) ?? 0,
            right: number(region, Tag.RegionLocationMaxX1) ?? 0,
            bottom: number(region, Tag.RegionLocationMaxY1) ?? 0,
            columnMm: deltaX * 10,
            rowMm: deltaY * 10,
          },
        ]
      : [];
  });
}

/** The spacing of the largest tissue region of an ultrasound image: the picture, not its scales and graphs. */
function ofUltrasoundRegion(instance: DataSet): PixelSpacing | undefined {
  const area = ({ left, top, right, bottom }: CalibratedRegion) => (right - left) * (bottom - top);
  const [largest] = ultrasoundRegions(instance).sort((a, b) => area(b) - area(a));
  return largest ? { rowMm: largest.rowMm, columnMm: largest.columnMm, source: 'region' } : undefined;
}

/** The pixel spacing of a frame: from its functional groups, the image, the ultrasound region or the detector. */
export function pixelSpacing(instance: DataSet, groups: readonly DataSet[]): PixelSpacing | undefined {
  for (const group of groups) {
    const measures = item(group, Tag.PixelMeasuresSequence);
    const spacing = measures && pair(numbers(measures, Tag.PixelSpacing), 'patient');
    if (spacing) {
      return spacing;
    }
  }
  return (
    pair(numbers(instance, Tag.PixelSpacing), 'patient') ??
    ofUltrasoundRegion(instance) ??
    pair(numbers(instance, Tag.ImagerPixelSpacing), 'detector')
  );
}

/**
 * How high and how wide a pixel is where no millimetres are known: Pixel Aspect Ratio (PS3.3 C.7.6.3.1.7), or a square.
 * Undefined where the spacing says it.
 */
export function pixelShape(instance: DataSet): readonly [number, number] | undefined {
  const groups = [Tag.SharedFunctionalGroups, Tag.PerFrameFunctionalGroups].flatMap((tag) =>
    items(instance, tag).slice(0, 1),
  );
  const source = pixelSpacing(instance, groups)?.source;
  if (source === 'patient' || source === 'detector') {
    return undefined;
  }
  const [high = 0, wide = 0] = numbers(instance, Tag.PixelAspectRatio);
  return high > 0 && wide > 0 ? [high, wide] : [1, 1];
}
