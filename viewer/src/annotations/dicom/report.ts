/** Annotations as a structured report: a Comprehensive SR by PS3.16 TID 1500 (Measurement Report). */
import type { DataSet } from '../../dicomweb/dataSet';
import type { StudyInstanceUid } from '../../dicomweb/uid';
import type { PicturePoint } from '../../imaging/imagePlane';
import { grouped } from '../grouped';
import { type Shape, shapesOf } from '../kinds';
import type { Annotation, ImageReference, Measure, SizeSource } from '../model';
import { type Code, Concept, codeItem, Derivation, ownScheme, Term } from './codes';
import {
  codeContent,
  container,
  coordinateContent,
  type GraphicType,
  imageContent,
  numberContent,
  personContent,
  templateOf,
  textContent,
  uidContent,
} from './content';
import { element, sequence } from './elements';
import {
  type Authorship,
  authorOf,
  type DocumentReference,
  hierarchy,
  instanceOf,
  type SeriesAddress,
} from './instance';
import { Tag } from './tags';

export const comprehensiveSr = '1.2.840.10008.5.1.4.1.1.88.33';

/** A report to be written. */
export interface ReportDraft extends Authorship {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly sopInstanceUid: string;
  readonly series: SeriesAddress;
  readonly instanceNumber: number;
  readonly annotations: readonly Annotation[];
  /** Metadata of an image of the study. */
  readonly belonging: DataSet;
  /** Modalities of the series that are referred to. */
  readonly modalities: ReadonlyMap<string, string>;
  readonly predecessors: readonly DocumentReference[];
}

const sizeMethods: Readonly<Partial<Record<SizeSource, Code>>> = {
  detector: Term.detector,
  manual: Term.manual,
  region: Term.region,
};

/** The ends of the longer axis, and then those of the shorter one (PS3.3 C.18.6.1.2). */
function axesOf([[ax, ay], [bx, by]]: readonly [PicturePoint, PicturePoint]): PicturePoint[] {
  const [x, y] = [(ax + bx) / 2, (ay + by) / 2];
  const across: PicturePoint[] = [
    [Math.min(ax, bx), y],
    [Math.max(ax, bx), y],
  ];
  const down: PicturePoint[] = [
    [x, Math.min(ay, by)],
    [x, Math.max(ay, by)],
  ];
  return Math.abs(bx - ax) >= Math.abs(by - ay) ? [...across, ...down] : [...down, ...across];
}

/** A shape as the graphic type that has it. */
export function graphicOf(shape: Shape): { readonly type: GraphicType; readonly points: readonly PicturePoint[] } {
  switch (shape.kind) {
    case 'ellipse':
      return { type: 'ELLIPSE', points: axesOf(shape.points) };
    case 'point':
      return { type: 'POINT', points: shape.points };
    case 'closed':
      return { type: 'POLYLINE', points: [...shape.points, ...shape.points.slice(0, 1)] };
    default:
      return { type: 'POLYLINE', points: shape.points };
  }
}

function coordinates(
  relationship: 'CONTAINS' | 'INFERRED FROM',
  concept: Code | undefined,
  shape: Shape,
  image: ImageReference,
) {
  const { type, points } = graphicOf(shape);
  return coordinateContent(relationship, concept, type, points, image);
}

/** What a value is of: TID 1419 (ROI Measurements) has the kind of value as name, and the statistic as its derivation. */
function conceptOf({ quantity, unit }: Measure): Code {
  switch (quantity) {
    case 'value':
    case 'mean':
    case 'deviation':
    case 'minimum':
    case 'maximum':
      return unit === 'HU' ? Concept.attenuation : unit === 'SUVbw' ? Concept.suv : Concept.value;
    case 'foreign':
      return Concept.value;
    default:
      return Concept[quantity];
  }
}

function measurement(measure: Measure, { sizeSource, isLossy }: Annotation, inferredFrom: readonly DataSet[]): DataSet {
  const { quantity, value, unit } = measure;
  const derivation = quantity in Derivation ? Derivation[quantity as keyof typeof Derivation] : undefined;
  const isSize = ['mm', 'mm2'].includes(unit);
  const method = isSize ? sizeMethods[sizeSource] : isLossy && isOfValues(measure) ? Term.lossy : undefined;
  return numberContent(conceptOf(measure), value, unit, [
    ...(method ? [codeContent('HAS CONCEPT MOD', Concept.method, method)] : []),
    ...(derivation ? [codeContent('HAS CONCEPT MOD', Concept.derivation, derivation)] : []),
    ...inferredFrom,
  ]);
}

function isOfValues({ quantity }: Measure): boolean {
  return quantity === 'value' || quantity in Derivation;
}

function isRegion({ kind }: Shape): boolean {
  return kind === 'ellipse' || kind === 'closed' || kind === 'point';
}

/** Of the two axes each measure has its own line: that of the long axis is the longer one. */
function linesOf({ kind, points }: Annotation, shapes: readonly Shape[], measure: Measure): readonly Shape[] {
  if (kind !== 'bidirectional') {
    return shapes;
  }
  const isFirst = (measure.quantity === 'longAxis') === isFirstLonger(points);
  return shapes.slice(isFirst ? 0 : 1, isFirst ? 1 : 2);
}

function isFirstLonger([a, b, c, d]: readonly PicturePoint[]): boolean {
  const span = (from: PicturePoint = [0, 0], to: PicturePoint = [0, 0]) => Math.hypot(to[0] - from[0], to[1] - from[1]);
  return span(a, b) >= span(c, d);
}

export function kindCode(kind: Annotation['kind']): Code {
  return { value: kind.toUpperCase().slice(0, 16), scheme: ownScheme, meaning: kind };
}

/** TID 1410 (Planar ROI Measurements) for regions and points, else TID 1501 with measurements of lines (TID 300). */
function group(annotation: Annotation, place: number): DataSet {
  const { uid, kind, label, labelAt, image, measures } = annotation;
  const shapes = shapesOf(annotation);
  const hasRegion = shapes.every(isRegion) || measures.length === 0;
  const content = hasRegion
    ? [
        ...shapes.map((shape) => coordinates('CONTAINS', Concept.imageRegion, shape, image)),
        ...measures.map((measure) => measurement(measure, annotation, [])),
      ]
    : measures.map((measure) =>
        measurement(
          measure,
          annotation,
          linesOf(annotation, shapes, measure).map((shape) => coordinates('INFERRED FROM', undefined, shape, image)),
        ),
      );
  return container(
    'CONTAINS',
    Concept.measurementGroup,
    [
      textContent('HAS OBS CONTEXT', Concept.trackingIdentifier, label || `${kind} ${place + 1}`),
      uidContent('HAS OBS CONTEXT', Concept.trackingUid, uid),
      ...content,
      codeContent('CONTAINS', Concept.kind, kindCode(kind)),
      ...(label === '' ? [] : [textContent('CONTAINS', Concept.comment, label)]),
      ...(labelAt ? [coordinateContent('CONTAINS', Concept.labelPosition, 'POINT', [labelAt], image)] : []),
    ],
    hasRegion ? '1410' : '1501',
  );
}

/** CID 29 (Acquisition Modality) has the modality as its code. */
function modalityCode(modality: string): Code {
  return { value: modality, scheme: 'DCM', meaning: modality };
}

/** TID 1600 (Image Library), a group for each series. */
function imageLibrary({ annotations, modalities }: ReportDraft): DataSet {
  const images = new Map(annotations.map(({ image }) => [`${image.sopInstanceUid} ${image.frameNumber ?? ''}`, image]));
  const series = grouped(images.values(), ({ seriesInstanceUid }) => seriesInstanceUid);
  return container(
    'CONTAINS',
    Concept.imageLibrary,
    [...series].map(([uid, members]) =>
      container('CONTAINS', Concept.imageLibraryGroup, [
        codeContent('HAS ACQ CONTEXT', Concept.modality, modalityCode(modalities.get(uid) ?? 'OT')),
        ...members.map((image) => imageContent('CONTAINS', image)),
      ]),
    ),
    '1600',
  );
}

const languages = { vi: 'Vietnamese', en: 'English' } as const;

/** The report as metadata for STOW-RS. */
export function writeReport(draft: ReportDraft): DataSet {
  const { annotations, studyInstanceUid, author, language, predecessors } = draft;
  const evidence = hierarchy(annotations.map(({ image }) => ({ ...image, studyInstanceUid })));
  return {
    ...instanceOf(
      comprehensiveSr,
      draft.sopInstanceUid,
      draft.belonging,
      { ...draft.series, modality: 'SR', description: 'Measurements' },
      draft,
    ),
    [Tag.InstanceNumber]: element('IS', draft.instanceNumber),
    [Tag.CompletionFlag]: element('CS', 'PARTIAL'),
    [Tag.VerificationFlag]: element('CS', 'UNVERIFIED'),
    [Tag.AuthorObserverSequence]: sequence(authorOf(draft)),
    [Tag.PerformedProcedureCodeSequence]: sequence(),
    ...(evidence.length > 0 ? { [Tag.CurrentRequestedProcedureEvidenceSequence]: sequence(...evidence) } : {}),
    ...(predecessors.length > 0 ? { [Tag.PredecessorDocumentsSequence]: sequence(...hierarchy(predecessors)) } : {}),
    [Tag.ValueType]: element('CS', 'CONTAINER'),
    [Tag.ConceptNameCodeSequence]: sequence(codeItem(Concept.report)),
    [Tag.ContinuityOfContent]: element('CS', 'SEPARATE'),
    [Tag.ContentTemplateSequence]: templateOf('1500'),
    [Tag.ContentSequence]: sequence(
      codeContent('HAS CONCEPT MOD', Concept.language, {
        value: language,
        scheme: 'RFC5646',
        meaning: languages[language],
      }),
      codeContent('HAS OBS CONTEXT', Concept.observerType, Term.person),
      personContent('HAS OBS CONTEXT', Concept.personObserverName, author),
      codeContent('HAS CONCEPT MOD', Concept.procedureReported, Term.imagingProcedure),
      imageLibrary(draft),
      container('CONTAINS', Concept.imagingMeasurements, annotations.map(group)),
    ),
  };
}
