/**
 * Presentation states (PS3.3 A.33): which images one is for, and what of it this viewer does not follow. What it says is
 * read where it is followed: greyScale.ts, arrangement.ts, graphics.ts, shutter.ts.
 */
import { type DataSet, items, numbers, personName, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { Frame } from '../imaging/frames';
import { PresentationTag } from './tags';

/** Translation keys below `presentation.leftOut.`. */
export type LeftOut = 'kind' | 'mask' | 'palette' | 'compound' | 'matrix' | 'trueSize' | 'values';

export interface PresentationState {
  readonly sopInstanceUid: string;
  /** These four are texts of a peer. */
  readonly label: string | undefined;
  readonly description: string | undefined;
  readonly creator: string | undefined;
  readonly date: string | undefined;
  readonly time: string | undefined;
  /** Frames by the instance that has them; none if all of them are meant. */
  readonly images: ReadonlyMap<string, readonly number[]>;
  readonly leftOut: readonly LeftOut[];
  readonly dataSet: DataSet;
}

/** Grayscale, Color, and those for one kind of angiography; others blend images or give them colours. */
const followed = new Set(['1.2.840.10008.5.1.4.1.1.11.1', '1.2.840.10008.5.1.4.1.1.11.2']);
const anyState = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.11\./;
/** The presentation states that this viewer writes beside its reports, which it opens itself. */
const ourManufacturer = 'Filmless';
const mostImages = 10_000;

type Frames = Pick<Frame, 'sopInstanceUid' | 'frameNumber'>;

function isNamed(frames: readonly number[], { frameNumber }: Frames): boolean {
  return frames.length === 0 || frames.includes(frameNumber);
}

function reference(named: DataSet): readonly [string, readonly number[]] {
  return [
    text(named, PresentationTag.ReferencedSopInstanceUid) ?? '',
    numbers(named, PresentationTag.ReferencedFrameNumber),
  ];
}

/** Whether an item of a state is for a frame: it names the image, or no image at all. */
export function isMeant(named: DataSet, frame: Frames): boolean {
  const references = items(named, PresentationTag.ReferencedImageSequence).map(reference);
  return (
    references.length === 0 ||
    references.some(([uid, frames]) => uid === frame.sopInstanceUid && isNamed(frames, frame))
  );
}

export function isFor({ images }: PresentationState, frame: Frames): boolean {
  const frames = images.get(frame.sopInstanceUid);
  return frames !== undefined && isNamed(frames, frame);
}

function leftOutOf(dataSet: DataSet): LeftOut[] {
  const annotations = items(dataSet, PresentationTag.GraphicAnnotationSequence);
  const graphics = annotations.flatMap((annotation) => items(annotation, PresentationTag.GraphicObjectSequence));
  const areas = items(dataSet, PresentationTag.DisplayedAreaSelectionSequence);
  const found: Record<Exclude<LeftOut, 'values'>, boolean> = {
    kind: !followed.has(text(dataSet, Tag.SopClassUid) ?? ''),
    mask: dataSet[PresentationTag.MaskSubtractionSequence] !== undefined,
    palette: dataSet[Tag.RedPaletteLutData] !== undefined,
    compound: annotations.some((annotation) => annotation[PresentationTag.CompoundGraphicSequence] !== undefined),
    matrix: graphics.some((graphic) => text(graphic, PresentationTag.GraphicAnnotationUnits) === 'MATRIX'),
    trueSize: areas.some((area) => text(area, PresentationTag.PresentationSizeMode) === 'TRUE SIZE'),
  };
  return Object.entries(found).flatMap(([key, isFound]) => (isFound ? [key as LeftOut] : []));
}

/** A state of another system; undefined if it is none. */
export function readState(dataSet: DataSet): PresentationState | undefined {
  if (
    !anyState.test(text(dataSet, Tag.SopClassUid) ?? '') ||
    text(dataSet, PresentationTag.Manufacturer) === ourManufacturer
  ) {
    return undefined;
  }
  const images = new Map<string, readonly number[]>();
  for (const series of items(dataSet, PresentationTag.ReferencedSeriesSequence)) {
    for (const [uid, frames] of items(series, PresentationTag.ReferencedImageSequence).map(reference)) {
      const known = images.get(uid);
      if (images.size < mostImages) {
        images.set(
          uid,
          known === undefined ? frames : known.length === 0 || frames.length === 0 ? [] : [...known, ...frames],
        );
      }
    }
  }
  return {
    sopInstanceUid: text(dataSet, Tag.SopInstanceUid) ?? '',
    label: text(dataSet, PresentationTag.ContentLabel),
    description: text(dataSet, PresentationTag.ContentDescription),
    creator: personName(dataSet, PresentationTag.ContentCreatorName),
    date: text(dataSet, PresentationTag.PresentationCreationDate),
    time: text(dataSet, PresentationTag.PresentationCreationTime),
    images,
    leftOut: leftOutOf(dataSet),
    dataSet,
  };
}
