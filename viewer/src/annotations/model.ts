/**
 * What readers draw on pictures, as data. Points are columns and rows of the picture, so that a drawing stays where it is
 * however the picture is zoomed, turned, windowed or drawn.
 */
import type { SeriesInstanceUid, SopInstanceUid } from '../dicomweb/uid';
import type { Frame } from '../imaging/frames';
import type { PicturePoint } from '../imaging/imagePlane';
import type { OpenSeries } from '../viewport/viewState';
import type { Shape } from './kinds';

export const annotationKinds = [
  'length',
  'bidirectional',
  'angle',
  'cobb',
  'cardiothoracic',
  'ellipse',
  'rectangle',
  'freehand',
  'probe',
  'arrow',
  'text',
  'spine',
  'calibration',
] as const;
export type AnnotationKind = (typeof annotationKinds)[number];

/** One frame of one instance. */
export interface ImageReference {
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly sopClassUid: string;
  readonly sopInstanceUid: SopInstanceUid;
  /** From 1; undefined if the instance is a single frame. */
  readonly frameNumber: number | undefined;
}

export type Quantity =
  | 'length'
  | 'longAxis'
  | 'shortAxis'
  | 'angle'
  | 'cobb'
  | 'ratio'
  | 'area'
  | 'value'
  | 'mean'
  | 'deviation'
  | 'minimum'
  | 'maximum'
  | 'foreign';

/** UCUM codes of sizes; values have the unit of the picture, or none. */
export type Unit = 'mm' | 'mm2' | 'pixels' | 'pixels2' | 'deg' | 'ratio' | 'HU' | 'SUVbw' | 'none' | (string & {});

export interface Measure {
  readonly quantity: Quantity;
  readonly value: number;
  readonly unit: Unit;
  /** What another system calls it. */
  readonly name?: string;
}

/** What sizes rest on: what the header says of the spacing, a known length that the reader drew, or nothing. */
export type SizeSource = 'patient' | 'detector' | 'region' | 'manual' | 'none';

export interface Annotation {
  /** Tracking Unique Identifier (PS3.16 TID 1501, Measurement and Qualitative Evaluation Group). */
  readonly uid: string;
  readonly kind: AnnotationKind | 'foreign';
  readonly image: ImageReference;
  readonly points: readonly PicturePoint[];
  /** The reader's name for it. */
  readonly label: string;
  /** Where its text stands, if the reader moved it. */
  readonly labelAt: PicturePoint | undefined;
  readonly measures: readonly Measure[];
  readonly sizeSource: SizeSource;
  /** Whether its values are those of an image that lossy compression changed. */
  readonly isLossy?: true;
  /** Of what others drew. */
  readonly shapes?: readonly Shape[];
}

/** PS3.5 section 6.2: LO has 64 characters, and a label is read by those who have no more. */
export const mostLabelLetters = 64;

/** The frame that is shown of a series, as others refer to it. */
export function referenceTo({ seriesInstanceUid }: OpenSeries, frame: Frame): ImageReference {
  return {
    seriesInstanceUid,
    sopClassUid: frame.sopClassUid,
    sopInstanceUid: frame.sopInstanceUid,
    frameNumber: frame.numberOfFrames > 1 ? frame.frameNumber : undefined,
  };
}

export function imageKey({ sopInstanceUid, frameNumber }: ImageReference): string {
  return `${sopInstanceUid} ${frameNumber ?? 1}`;
}

export function isSameImage(a: ImageReference, b: ImageReference): boolean {
  return imageKey(a) === imageKey(b);
}

/** A UID from a random number (PS3.5 B.2, UUID Derived UID). */
export function newUid(): string {
  // Not randomUUID, which browsers keep from pages that came over plain HTTP from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n)}`;
}
