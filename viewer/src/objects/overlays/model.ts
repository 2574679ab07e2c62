/** What is laid over pictures: segments and structures, each with a name and a colour, and the pictures that they belong to. */

import type { FrameOfReferenceUid, SopInstanceUid } from '../../dicomweb/uid';
import type { ImagePlane } from '../../imaging/imagePlane';
import type { Vector3 } from '../../imaging/vector';

export type Colour = readonly [red: number, green: number, blue: number];

/** A segment (PS3.3 C.8.20.2) or a region of interest (C.8.8.5): what is switched on and off. */
export interface OverlayPart {
  readonly number: number;
  readonly label: string | undefined;
  readonly colour: Colour;
}

/** A picture that something refers to; all frames of it if none are named. */
export interface PictureReference {
  readonly sopInstanceUid: SopInstanceUid;
  readonly frames: readonly number[];
}

/** Where something of an overlay belongs: to the pictures it names, or else to what lies there. */
export interface Belonging {
  readonly references: readonly PictureReference[];
  readonly frameOfReferenceUid: FrameOfReferenceUid | undefined;
  /** Points of the patient that it lies at. */
  readonly points: readonly Vector3[];
}

/** One frame of a segmentation. */
export interface SegmentFrame extends Belonging {
  readonly frameNumber: number;
  /** The segments that it shows; of a label map none is named, its pixels name them. */
  readonly segment: number | undefined;
  readonly plane: ImagePlane | undefined;
}

export interface Segmentation {
  readonly kind: 'segmentation';
  readonly sopInstanceUid: SopInstanceUid;
  readonly label: string | undefined;
  readonly parts: readonly OverlayPart[];
  readonly coding: 'binary' | 'fractional' | 'labelMap';
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
  /** What a pixel of a fractional segmentation has that is wholly of the segment. */
  readonly maximumFraction: number;
  readonly frames: readonly SegmentFrame[];
}

/** One contour of a structure, in millimetres of the patient. */
export interface Contour extends Belonging {
  readonly part: number;
  readonly shape: 'closed' | 'open' | 'point';
}

export interface StructureSet {
  readonly kind: 'structures';
  readonly sopInstanceUid: SopInstanceUid;
  readonly label: string | undefined;
  readonly parts: readonly OverlayPart[];
  readonly contours: readonly Contour[];
}

export type OverlayObject = Segmentation | StructureSet;
