/** From the data set of a Segmentation (PS3.3 C.8.20.2) or an RT Structure Set (C.8.8.5, C.8.8.6) to what is drawn of it. */
import { type DataSet, item, items, number, numbers, text } from '../../dicomweb/dataSet';
import { Tag } from '../../dicomweb/tags';
import { frameOfReferenceUid, sopInstanceUid } from '../../dicomweb/uid';
import { framesOfInstance } from '../../imaging/frames';
import { planeOfFrame } from '../../imaging/imagePlane';
import { type Vector3, vector3 } from '../../imaging/vector';
import { colourOfLab, distinctColour } from './colour';
import type {
  Colour,
  Contour,
  OverlayObject,
  OverlayPart,
  PictureReference,
  Segmentation,
  StructureSet,
} from './model';
import { OverlayTag } from './tags';

/** Nothing honest has more; what comes behind is left out. */
const mostContours = 50_000;
const mostPoints = 4_000_000;

function referencesOf(sequence: readonly DataSet[]): PictureReference[] {
  return sequence.flatMap((reference) => {
    const uid = sopInstanceUid(text(reference, OverlayTag.ReferencedSopInstanceUid));
    return uid ? [{ sopInstanceUid: uid, frames: numbers(reference, OverlayTag.ReferencedFrameNumber) }] : [];
  });
}

function partsOfSegments(instance: DataSet): OverlayPart[] {
  return items(instance, OverlayTag.SegmentSequence).flatMap((segment, place) => {
    const value = number(segment, OverlayTag.SegmentNumber);
    return value === undefined
      ? []
      : [
          {
            number: value,
            label: text(segment, OverlayTag.SegmentLabel),
            colour: colourOfLab(numbers(segment, OverlayTag.RecommendedDisplayCieLabValue)) ?? distinctColour(place),
          },
        ];
  });
}

const codings = { BINARY: 'binary', FRACTIONAL: 'fractional', LABELMAP: 'labelMap' } as const;

function readSegmentation(instance: DataSet): Segmentation | undefined {
  const uid = sopInstanceUid(text(instance, Tag.SopInstanceUid));
  const type = text(instance, OverlayTag.SegmentationType);
  const coding = Object.entries(codings).find(([name]) => name === type)?.[1];
  if (!uid || !coding) {
    return undefined;
  }
  const shared = item(instance, Tag.SharedFunctionalGroups);
  const perFrame = items(instance, Tag.PerFrameFunctionalGroups);
  const frames = framesOfInstance(instance, uid).map((frame, index) => {
    const groups = [perFrame[index], shared].filter((group) => group !== undefined);
    const derivations = groups.flatMap((group) => items(group, OverlayTag.DerivationImageSequence));
    const identified = groups
      .map((group) => item(group, OverlayTag.SegmentIdentificationSequence))
      .find((found) => found);
    return {
      frameNumber: frame.frameNumber,
      segment: coding === 'labelMap' ? undefined : identified && number(identified, OverlayTag.ReferencedSegmentNumber),
      plane: planeOfFrame(frame),
      references: referencesOf(derivations.flatMap((derivation) => items(derivation, OverlayTag.SourceImageSequence))),
      frameOfReferenceUid: frame.frameOfReferenceUid,
      points: frame.position ? [frame.position] : [],
    };
  });
  return {
    kind: 'segmentation',
    sopInstanceUid: uid,
    label: text(instance, OverlayTag.ContentLabel) ?? text(instance, Tag.SeriesDescription),
    parts: partsOfSegments(instance),
    coding,
    rows: number(instance, Tag.Rows) ?? 0,
    columns: number(instance, Tag.Columns) ?? 0,
    bitsAllocated: number(instance, Tag.BitsAllocated) ?? 1,
    maximumFraction: number(instance, OverlayTag.MaximumFractionalValue) || 255,
    frames,
  };
}

function colourOf(contours: DataSet): Colour | undefined {
  const [red, green, blue] = numbers(contours, OverlayTag.RoiDisplayColor).map((value) =>
    Math.min(Math.max(value, 0), 255),
  );
  return red === undefined || green === undefined || blue === undefined ? undefined : [red, green, blue];
}

const shapes: Readonly<Record<string, Contour['shape']>> = {
  CLOSED_PLANAR: 'closed',
  CLOSEDPLANAR_XOR: 'closed',
  OPEN_PLANAR: 'open',
  OPEN_NONPLANAR: 'open',
  POINT: 'point',
};

function pointsOf(contour: DataSet): Vector3[] {
  const values = numbers(contour, OverlayTag.ContourData);
  return Array.from({ length: Math.floor(values.length / 3) }, (_, at) =>
    vector3(values.slice(3 * at, 3 * at + 3)),
  ).filter((point) => point !== undefined);
}

function readStructures(instance: DataSet): StructureSet | undefined {
  const uid = sopInstanceUid(text(instance, Tag.SopInstanceUid));
  const rois = items(instance, OverlayTag.StructureSetRoiSequence);
  if (!uid) {
    return undefined;
  }
  const drawn = items(instance, OverlayTag.RoiContourSequence);
  const contoursOf = (roi: number | undefined) =>
    drawn.find((contours) => number(contours, OverlayTag.ReferencedRoiNumber) === roi);
  const parts = rois.flatMap((roi, place): OverlayPart[] => {
    const value = number(roi, OverlayTag.RoiNumber);
    const contours = contoursOf(value);
    return value === undefined
      ? []
      : [
          {
            number: value,
            label: text(roi, OverlayTag.RoiName),
            colour: (contours && colourOf(contours)) ?? distinctColour(place),
          },
        ];
  });
  const contours: Contour[] = [];
  let points = 0;
  for (const roi of rois) {
    const value = number(roi, OverlayTag.RoiNumber);
    const own = contoursOf(value);
    for (const contour of own ? items(own, OverlayTag.ContourSequence) : []) {
      const shape = shapes[text(contour, OverlayTag.ContourGeometricType) ?? ''];
      const found =
        shape && value !== undefined && contours.length < mostContours && points < mostPoints ? pointsOf(contour) : [];
      if (shape && value !== undefined && found.length > 0) {
        points += found.length;
        contours.push({
          part: value,
          shape,
          points: found,
          references: referencesOf(items(contour, OverlayTag.ContourImageSequence)),
          frameOfReferenceUid: frameOfReferenceUid(text(roi, OverlayTag.ReferencedFrameOfReferenceUid)),
        });
      }
    }
  }
  return {
    kind: 'structures',
    sopInstanceUid: uid,
    label: text(instance, OverlayTag.StructureSetLabel) ?? text(instance, Tag.SeriesDescription),
    parts,
    contours,
  };
}

/** An overlay; undefined if the instance is none. */
export function readOverlay(instance: DataSet): OverlayObject | undefined {
  return instance[OverlayTag.SegmentSequence] || instance[OverlayTag.SegmentationType]
    ? readSegmentation(instance)
    : instance[OverlayTag.StructureSetRoiSequence]
      ? readStructures(instance)
      : undefined;
}
