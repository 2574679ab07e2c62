/** Structured reports as annotations: our own as they were drawn, and lines and regions of others as far as they can be read. */
import { type DataSet, item, items, number, text } from '../../dicomweb/dataSet';
import { sopInstanceUid } from '../../dicomweb/uid';
import type { PicturePoint } from '../../imaging/imagePlane';
import { grouped } from '../grouped';
import type { Shape } from '../kinds';
import {
  type Annotation,
  annotationKinds,
  type ImageReference,
  type Measure,
  newUid,
  type Quantity,
  type SizeSource,
} from '../model';
import { Concept, Derivation, isCode, Term, unitOf } from './codes';
import {
  codeIn,
  coordinatesIn,
  type InstanceReference,
  measuredIn,
  type ReadItem,
  readContent,
  textIn,
  uidIn,
} from './content';
import { authorIn, manufacturer } from './instance';
import { Tag } from './tags';

/** A report as it is listed. */
export interface ReadReport {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly seriesInstanceUid: string;
  readonly seriesNumber: number | undefined;
  readonly instanceNumber: number | undefined;
  readonly author: string | undefined;
  /** DA and TM. */
  readonly date: string;
  readonly time: string;
  /** Whether it is one of ours, and can be worked on. */
  readonly isOurs: boolean;
  readonly predecessors: readonly string[];
  readonly annotations: readonly Annotation[];
}

/** The series of an instance that a report refers to; undefined if it is not in its evidence. */
type SeriesOf = ReadonlyMap<string, string>;

function referencesIn(dataSet: DataSet, tag: string): { readonly series: string; readonly instance: string }[] {
  return items(dataSet, tag).flatMap((study) =>
    items(study, Tag.ReferencedSeriesSequence).flatMap((series) =>
      items(series, Tag.ReferencedSopSequence).map((instance) => ({
        series: text(series, Tag.SeriesInstanceUid) ?? '',
        instance: text(instance, Tag.ReferencedSopInstanceUid) ?? '',
      })),
    ),
  );
}

export function imageOf(reference: InstanceReference, series: SeriesOf): ImageReference | undefined {
  const uid = sopInstanceUid(reference.sopInstanceUid);
  const found = series.get(reference.sopInstanceUid);
  return uid && found !== undefined
    ? { ...reference, sopInstanceUid: uid, seriesInstanceUid: found as ImageReference['seriesInstanceUid'] }
    : undefined;
}

function child(group: ReadItem, concept: (typeof Concept)[keyof typeof Concept]): ReadItem | undefined {
  return group.children.find((candidate) => isCode(candidate.concept, concept));
}

const named: readonly Quantity[] = ['length', 'longAxis', 'shortAxis', 'angle', 'cobb', 'ratio', 'area'];
const derivations = Object.entries(Derivation) as [keyof typeof Derivation, (typeof Derivation)['mean']][];

function quantityOf(read: ReadItem): Quantity {
  const derived = child(read, Concept.derivation);
  const derivation = derived && codeIn(derived);
  const statistic = derivations.find(([, code]) => isCode(derivation, code));
  if (statistic) {
    return statistic[0];
  }
  const size = named.find((quantity) => isCode(read.concept, Concept[quantity as keyof typeof Concept]));
  const isValue = [Concept.attenuation, Concept.suv, Concept.value].some((code) => isCode(read.concept, code));
  return size ?? (isValue ? 'value' : 'foreign');
}

function measureOf(read: ReadItem): Measure | undefined {
  const found = measuredIn(read);
  const quantity = quantityOf(read);
  return (
    found && {
      quantity,
      value: found.value,
      unit: unitOf(found.unit),
      ...(quantity === 'foreign' && read.concept ? { name: read.concept.meaning } : {}),
    }
  );
}

/** Whether any was measured in this way. */
function hasMethod(measures: readonly ReadItem[], term: (typeof Term)[keyof typeof Term]): boolean {
  return measures.some((measure) => {
    const method = child(measure, Concept.method);
    return method !== undefined && isCode(codeIn(method), term);
  });
}

function sizeSourceOf(measures: readonly ReadItem[]): SizeSource {
  const is = (term: (typeof Term)[keyof typeof Term]) => hasMethod(measures, term);
  if (is(Term.manual)) {
    return 'manual';
  }
  if (is(Term.detector)) {
    return 'detector';
  }
  if (is(Term.region)) {
    return 'region';
  }
  const units = measures.map((measure) => unitOf(measuredIn(measure)?.unit));
  return units.some((unit) => unit === 'pixels' || unit === 'pixels2') ? 'none' : 'patient';
}

/** Corners of what an ellipse or rectangle fills. */
function cornersOf(points: readonly PicturePoint[]): PicturePoint[] {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [
    [Math.min(...xs), Math.min(...ys)],
    [Math.max(...xs), Math.max(...ys)],
  ];
}

/** The points of the hand from those that were written. */
function pointsOf(kind: Annotation['kind'], points: readonly PicturePoint[]): readonly PicturePoint[] {
  switch (kind) {
    case 'ellipse':
    case 'rectangle':
      return cornersOf(points);
    case 'freehand':
      return points.slice(0, -1);
    default:
      return points;
  }
}

/** Coordinates of a group, each once: as its region, or below its measurements. */
function coordinatesOf(group: ReadItem) {
  const regions = group.children.filter(({ concept }) => isCode(concept, Concept.imageRegion));
  const lines = group.children.filter(({ valueType }) => valueType === 'NUM').flatMap(({ children }) => children);
  const found = [...regions, ...lines].flatMap((read) => coordinatesIn(read) ?? []);
  return [...new Map(found.map((each) => [JSON.stringify(each.points), each])).values()];
}

/** One of our own, as it was drawn. */
function ownAnnotation(group: ReadItem, series: SeriesOf): Annotation | undefined {
  const code = child(group, Concept.kind);
  const meaning = code && codeIn(code)?.meaning;
  const kind = annotationKinds.find((candidate) => candidate === meaning);
  const coordinates = coordinatesOf(group);
  const image = coordinates[0] && imageOf(coordinates[0].image, series);
  const tracking = child(group, Concept.trackingUid);
  const uid = tracking && uidIn(tracking);
  if (!kind || !image || uid === undefined) {
    return undefined;
  }
  const measures = group.children.filter(({ valueType }) => valueType === 'NUM');
  const label = child(group, Concept.comment);
  const position = child(group, Concept.labelPosition);
  return {
    uid,
    kind,
    image,
    points: pointsOf(
      kind,
      coordinates.flatMap(({ points }) => points),
    ),
    label: label ? textIn(label) : '',
    labelAt: position && coordinatesIn(position)?.points[0],
    measures: measures.flatMap((measure) => measureOf(measure) ?? []),
    sizeSource: sizeSourceOf(measures),
    ...(hasMethod(measures, Term.lossy) ? { isLossy: true } : {}),
  };
}

/** The centre and a point of its line, as the corners of what it fills. */
function circleCorners([centre, point]: readonly PicturePoint[]): [PicturePoint, PicturePoint] | undefined {
  if (!centre || !point) {
    return undefined;
  }
  const radius = Math.hypot(point[0] - centre[0], point[1] - centre[1]);
  return [
    [centre[0] - radius, centre[1] - radius],
    [centre[0] + radius, centre[1] + radius],
  ];
}

/** An ellipse by the ends of its axes, which may be turned, as an outline. */
function ellipseOutline([a, b, c, d]: readonly PicturePoint[]): PicturePoint[] {
  if (!a || !b || !c || !d) {
    return [];
  }
  const centre = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as const;
  const [one, other] = [
    [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2],
    [(d[0] - c[0]) / 2, (d[1] - c[1]) / 2],
  ] as const;
  const pieces = 72;
  return Array.from({ length: pieces }, (_, at) => {
    const [cos, sin] = [Math.cos((2 * Math.PI * at) / pieces), Math.sin((2 * Math.PI * at) / pieces)];
    return [centre[0] + one[0] * cos + other[0] * sin, centre[1] + one[1] * cos + other[1] * sin];
  });
}

/** What a graphic of SR or of a presentation state looks like. */
export function shapesOfGraphic(graphicType: string, points: readonly PicturePoint[]): Shape[] {
  switch (graphicType) {
    case 'POINT':
    case 'MULTIPOINT':
      return points.map((point) => ({ kind: 'point', points: [point] }));
    case 'CIRCLE': {
      const corners = circleCorners(points);
      return corners ? [{ kind: 'ellipse', points: corners }] : [];
    }
    case 'ELLIPSE':
      return [{ kind: 'closed', points: ellipseOutline(points) }];
    case 'POLYLINE':
    case 'INTERPOLATED':
      return [{ kind: 'line', points }];
    default:
      return [];
  }
}

/** What another system drew: all coordinates of a group on one image together, with what was measured. */
function foreignAnnotations(group: ReadItem, series: SeriesOf): Annotation[] {
  const all = coordinatesUnder(group);
  const images = grouped(all, ({ image }) => `${image.sopInstanceUid} ${image.frameNumber ?? ''}`);
  const identifier = child(group, Concept.trackingIdentifier);
  const measures = numbersUnder(group);
  return [...images.values()].flatMap((coordinates): Annotation[] => {
    const image = coordinates[0] && imageOf(coordinates[0].image, series);
    return image
      ? [
          {
            uid: newUid(),
            kind: 'foreign',
            image,
            points: coordinates.flatMap(({ points }) => points),
            shapes: coordinates.flatMap(({ graphicType, points }) => shapesOfGraphic(graphicType, points)),
            label: identifier ? textIn(identifier) : '',
            labelAt: undefined,
            measures: measures.flatMap((measure) => measureOf(measure) ?? []),
            sizeSource: 'patient',
          },
        ]
      : [];
  });
}

function under(read: ReadItem, wanted: (item: ReadItem) => boolean): ReadItem[] {
  return [...(wanted(read) ? [read] : []), ...read.children.flatMap((inner) => under(inner, wanted))];
}

function coordinatesUnder(read: ReadItem) {
  const found = under(read, ({ valueType }) => valueType === 'SCOORD').flatMap((each) => coordinatesIn(each) ?? []);
  return [...new Map(found.map((each) => [JSON.stringify([each.image, each.points]), each])).values()];
}

function numbersUnder(read: ReadItem): ReadItem[] {
  return under(read, ({ valueType }) => valueType === 'NUM');
}

/** The measurement groups of a report; of one without any, each measurement that has coordinates. */
function groupsIn(content: ReadItem): ReadItem[] {
  const groups = under(content, ({ concept }) => isCode(concept, Concept.measurementGroup));
  return groups.length > 0
    ? groups
    : under(
        content,
        ({ valueType, children }) => valueType === 'NUM' && children.some((each) => each.valueType === 'SCOORD'),
      );
}

/** The series of all instances that a document names in its evidence. */
export function seriesInEvidence(dataSet: DataSet): SeriesOf {
  const evidence = [Tag.CurrentRequestedProcedureEvidenceSequence, Tag.PertinentOtherEvidenceSequence].flatMap((tag) =>
    referencesIn(dataSet, tag),
  );
  return new Map(evidence.map((reference) => [reference.instance, reference.series]));
}

/** Reads the metadata of an instance; undefined if it is no report. */
export function readReport(dataSet: DataSet): ReadReport | undefined {
  const sopClassUid = text(dataSet, Tag.SopClassUid) ?? '';
  const uid = text(dataSet, Tag.SopInstanceUid);
  const isReport = sopClassUid.startsWith('1.2.840.10008.5.1.4.1.1.88.') && sopClassUid !== keyObjectSelection;
  if (!isReport || uid === undefined) {
    return undefined;
  }
  const content = readContent(dataSet);
  const series = seriesInEvidence(dataSet);
  const isOurs = text(dataSet, Tag.Manufacturer) === manufacturer && isCode(content.concept, Concept.report);
  const groups = groupsIn(content);
  return {
    sopInstanceUid: uid,
    sopClassUid,
    seriesInstanceUid: text(dataSet, Tag.SeriesInstanceUid) ?? '',
    seriesNumber: number(dataSet, Tag.SeriesNumber),
    instanceNumber: number(dataSet, Tag.InstanceNumber),
    author: authorIn(item(dataSet, Tag.AuthorObserverSequence)),
    date: text(dataSet, Tag.ContentDate) ?? '',
    time: text(dataSet, Tag.ContentTime) ?? '',
    isOurs,
    predecessors: referencesIn(dataSet, Tag.PredecessorDocumentsSequence).map(({ instance }) => instance),
    annotations: isOurs
      ? groups.flatMap((group) => ownAnnotation(group, series) ?? [])
      : groups.flatMap((group) => foreignAnnotations(group, series)),
  };
}

/** Key Object Selection Document: a document, and no report. */
export const keyObjectSelection = '1.2.840.10008.5.1.4.1.1.88.59';
