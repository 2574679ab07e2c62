/**
 * From the instances of a series to the list of frames a stack shows. Multi-frame instances are expanded; what each frame
 * says of its place, spacing and window is read from its functional groups first (PS3.3 C.7.6.16, Multi-frame Functional
 * Groups), then from the instance.
 */
import { type DataSet, item, items, number, numbers, text, texts } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { type FrameOfReferenceUid, frameOfReferenceUid, type SopInstanceUid, sopInstanceUid } from '../dicomweb/uid';
import { frameRate } from './cine';
import { type OtherObjectKind, otherObjectKind } from './objects';
import { isPlane, type OrientationSource, type PlaneOrientation } from './orientation';
import { type Projection, projectionOf } from './projection';
import { type CalibratedRegion, type PixelSpacing, pixelSpacing, ultrasoundRegions } from './spacing';
import { type ValueMeaning, valuesOf } from './valueUnit';
import { type Vector3, vector3 } from './vector';
import type { VideoStream } from './video';
import { type VoiWindow, windowsOf } from './window';

/** One frame of a stack. */
export interface Frame {
  readonly sopClassUid: string;
  readonly sopInstanceUid: SopInstanceUid;
  /** From 1, as in PS3.18 frame resources. */
  readonly frameNumber: number;
  readonly numberOfFrames: number;
  readonly instanceNumber: number | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly frameOfReferenceUid: FrameOfReferenceUid | undefined;
  readonly position: Vector3 | undefined;
  readonly plane: PlaneOrientation | undefined;
  readonly orientation: OrientationSource | undefined;
  readonly spacing: PixelSpacing | undefined;
  readonly thicknessMm: number | undefined;
  readonly windows: readonly VoiWindow[];
  readonly isColour: boolean;
  readonly values: ValueMeaning;
  /** The calibrated parts of an ultrasound image. */
  readonly regions: readonly CalibratedRegion[];
  /** What tells apart the frames of one place that a series may hold: equal texts go together. */
  readonly subset: string;
  readonly projection: Projection;
}

/** An instance that is not drawn. */
export interface OtherObject {
  readonly sopClassUid: string;
  readonly sopInstanceUid: SopInstanceUid;
  readonly kind: OtherObjectKind;
  readonly title: string | undefined;
  readonly instanceNumber: number | undefined;
  /** If it is a video, what its header says of the stream. */
  readonly stream: VideoStream | undefined;
}

/** What a series holds. */
export interface SeriesContent {
  readonly frames: readonly Frame[];
  readonly others: readonly OtherObject[];
  /** Frames per second that the images ask for; undefined if they are no moving picture. */
  readonly frameRate: number | undefined;
}

/** A declared count above this is not believed: it would be a list of a million entries from one hostile number. */
const mostFrames = 20_000;

function planeOf(instance: DataSet, groups: readonly DataSet[]): PlaneOrientation | undefined {
  const candidates = [...groups.map((group) => item(group, Tag.PlaneOrientationSequence)), instance];
  for (const candidate of candidates) {
    const values = candidate ? numbers(candidate, Tag.ImageOrientationPatient) : [];
    const row = vector3(values.slice(0, 3));
    const column = vector3(values.slice(3, 6));
    if (row && column && isPlane(row, column)) {
      return { row, column };
    }
  }
  return undefined;
}

function positionOf(instance: DataSet, groups: readonly DataSet[]): Vector3 | undefined {
  const candidates = [...groups.map((group) => item(group, Tag.PlanePositionSequence)), instance];
  for (const candidate of candidates) {
    const position = candidate && vector3(numbers(candidate, Tag.ImagePositionPatient));
    if (position) {
      return position;
    }
  }
  return undefined;
}

function thicknessOf(instance: DataSet, groups: readonly DataSet[]): number | undefined {
  const measures = groups.map((group) => item(group, Tag.PixelMeasuresSequence));
  return [...measures, instance]
    .map((candidate) => candidate && number(candidate, Tag.SliceThickness))
    .find((thickness) => thickness !== undefined && thickness > 0);
}

function orientationOf(instance: DataSet, plane: PlaneOrientation | undefined): OrientationSource | undefined {
  if (plane) {
    return { kind: 'plane', plane };
  }
  const [row, column] = texts(instance, Tag.PatientOrientation);
  const isLetters = (value: string | undefined): value is string =>
    value !== undefined && /^[LRAPHF]{1,3}$/.test(value);
  return isLetters(row) && isLetters(column) ? { kind: 'letters', row, column } : undefined;
}

function windowsOfFrame(instance: DataSet, groups: readonly DataSet[]): VoiWindow[] {
  for (const group of groups) {
    const voi = item(group, Tag.FrameVoiLutSequence);
    const windows = voi ? windowsOf(voi) : [];
    if (windows.length > 0) {
      return windows;
    }
  }
  return windowsOf(instance);
}

/** Image Type, echo, diffusion weighting, time and stack (PS3.3 C.7.6.16.2.2, Frame Content Macro), in a text to compare. */
function subsetOf(instance: DataSet, groups: readonly DataSet[]): string {
  const within = (sequences: readonly string[], tag: string) =>
    [...groups.flatMap((group) => sequences.map((sequence) => item(group, sequence))), instance]
      .map((candidate) => candidate && texts(candidate, tag).join('/'))
      .find((value) => value);
  return JSON.stringify([
    within([Tag.MrImageFrameTypeSequence, Tag.CtImageFrameTypeSequence], Tag.FrameType) ??
      texts(instance, Tag.ImageType).join('/'),
    within([Tag.MrEchoSequence], Tag.EffectiveEchoTime) ?? text(instance, Tag.EchoNumbers),
    within([Tag.MrDiffusionSequence], Tag.DiffusionBValue),
    within([Tag.FrameContentSequence], Tag.TemporalPositionIndex) ?? text(instance, Tag.TemporalPositionIdentifier),
    within([Tag.FrameContentSequence], Tag.StackId),
  ]);
}

/** What a frame says of itself, from its functional groups and its instance. */
function described(instance: DataSet, groups: readonly DataSet[]) {
  const plane = planeOf(instance, groups);
  return {
    position: positionOf(instance, groups),
    plane,
    orientation: orientationOf(instance, plane),
    spacing: pixelSpacing(instance, groups),
    thicknessMm: thicknessOf(instance, groups),
    windows: windowsOfFrame(instance, groups),
    values: valuesOf(instance, groups),
    subset: subsetOf(instance, groups),
  };
}

function believableFrames(instance: DataSet): number {
  return Math.min(Math.max(Math.floor(number(instance, Tag.NumberOfFrames) ?? 1), 1), mostFrames);
}

/** The instance with the number of frames that is believed, for those who take what is declared. */
export function withBelievableFrames(instance: DataSet): DataSet {
  const declared = instance[Tag.NumberOfFrames];
  return declared
    ? { ...instance, [Tag.NumberOfFrames]: { ...declared, Value: [believableFrames(instance)] } }
    : instance;
}

/** The frames of an instance, whatever it is. */
export function framesOfInstance(instance: DataSet, uid: SopInstanceUid): Frame[] {
  const numberOfFrames = believableFrames(instance);
  const shared = items(instance, Tag.SharedFunctionalGroups).slice(0, 1);
  const perFrame = items(instance, Tag.PerFrameFunctionalGroups);
  const common = {
    sopClassUid: text(instance, Tag.SopClassUid) ?? '',
    sopInstanceUid: uid,
    numberOfFrames,
    instanceNumber: number(instance, Tag.InstanceNumber),
    rows: number(instance, Tag.Rows) ?? 0,
    columns: number(instance, Tag.Columns) ?? 0,
    isColour: isColour(instance),
    projection: projectionOf(instance),
    regions: ultrasoundRegions(instance),
    frameOfReferenceUid: frameOfReferenceUid(text(instance, Tag.FrameOfReferenceUid)),
    ...described(instance, shared),
  };
  return Array.from({ length: numberOfFrames }, (_, index) => {
    const own = perFrame[index];
    return { ...common, frameNumber: index + 1, ...(own ? described(instance, [own, ...shared]) : {}) };
  });
}

function isColour(instance: DataSet): boolean {
  return (
    (number(instance, Tag.SamplesPerPixel) ?? 1) > 1 ||
    text(instance, Tag.PhotometricInterpretation) === 'PALETTE COLOR'
  );
}

function videoStream(instance: DataSet): VideoStream {
  return {
    transferSyntaxUid: text(instance, Tag.AvailableTransferSyntaxUid),
    numberOfFrames: number(instance, Tag.NumberOfFrames),
    frameRate: frameRate(instance),
  };
}

/** The frames and other objects of a series, not yet in display order. */
export function seriesContent(instances: readonly DataSet[]): SeriesContent {
  const frames: Frame[] = [];
  const others: OtherObject[] = [];
  for (const instance of instances) {
    const uid = sopInstanceUid(text(instance, Tag.SopInstanceUid));
    if (!uid) {
      continue;
    }
    const kind = otherObjectKind({
      sopClassUid: text(instance, Tag.SopClassUid) ?? '',
      transferSyntaxUid: text(instance, Tag.AvailableTransferSyntaxUid),
      hasPixels: (number(instance, Tag.Rows) ?? 0) > 0 && (number(instance, Tag.Columns) ?? 0) > 0,
    });
    if (kind === undefined) {
      frames.push(...framesOfInstance(instance, uid));
    } else {
      others.push({
        sopClassUid: text(instance, Tag.SopClassUid) ?? '',
        sopInstanceUid: uid,
        kind,
        title: text(instance, Tag.DocumentTitle) ?? text(instance, Tag.SeriesDescription),
        instanceNumber: number(instance, Tag.InstanceNumber),
        stream: kind === 'video' ? videoStream(instance) : undefined,
      });
    }
  }
  const place = ({ instanceNumber }: OtherObject) => instanceNumber ?? Number.MAX_SAFE_INTEGER;
  others.sort((a, b) => place(a) - place(b));
  const moving = instances.find((instance) => (number(instance, Tag.NumberOfFrames) ?? 1) > 1);
  return { frames, others, frameRate: moving && frameRate(moving) };
}
