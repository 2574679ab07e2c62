/** Content items of a structured report (PS3.3 C.17.3, SR Document Content). */
import { type DataSet, type DicomElement, item, items, number, numbers, text } from '../../dicomweb/dataSet';
import { sopInstanceUid } from '../../dicomweb/uid';
import type { PicturePoint } from '../../imaging/imagePlane';
import { type Code, codeItem, readCode, unitCode } from './codes';
import { decimal, element, person, sequence } from './elements';
import { Tag } from './tags';

type Relationship =
  | 'CONTAINS'
  | 'HAS OBS CONTEXT'
  | 'HAS CONCEPT MOD'
  | 'HAS ACQ CONTEXT'
  | 'INFERRED FROM'
  | 'SELECTED FROM';

function contentItem(
  relationship: Relationship,
  valueType: string,
  concept: Code | undefined,
  value: DataSet,
  children: readonly DataSet[] = [],
): DataSet {
  return {
    [Tag.RelationshipType]: element('CS', relationship),
    [Tag.ValueType]: element('CS', valueType),
    ...(concept ? { [Tag.ConceptNameCodeSequence]: sequence(codeItem(concept)) } : {}),
    ...value,
    ...(children.length > 0 ? { [Tag.ContentSequence]: sequence(...children) } : {}),
  };
}

export function container(relationship: Relationship, concept: Code, children: readonly DataSet[], template?: string) {
  return contentItem(
    relationship,
    'CONTAINER',
    concept,
    {
      [Tag.ContinuityOfContent]: element('CS', 'SEPARATE'),
      ...(template === undefined ? {} : { [Tag.ContentTemplateSequence]: templateOf(template) }),
    },
    children,
  );
}

/** PS3.3 C.18.8 (Container Macro): the template of DCMR that it is made by. */
export function templateOf(identifier: string): DicomElement {
  return sequence({
    [Tag.MappingResource]: element('CS', 'DCMR'),
    [Tag.TemplateIdentifier]: element('CS', identifier),
  });
}

export function codeContent(relationship: Relationship, concept: Code, value: Code): DataSet {
  return contentItem(relationship, 'CODE', concept, { [Tag.ConceptCodeSequence]: sequence(codeItem(value)) });
}

export function textContent(relationship: Relationship, concept: Code, value: string): DataSet {
  return contentItem(relationship, 'TEXT', concept, { [Tag.TextValue]: element('UT', value) });
}

export function uidContent(relationship: Relationship, concept: Code, value: string): DataSet {
  return contentItem(relationship, 'UIDREF', concept, { [Tag.ContentUid]: element('UI', value) });
}

export function personContent(relationship: Relationship, concept: Code, name: string): DataSet {
  return contentItem(relationship, 'PNAME', concept, { [Tag.ContentPersonName]: person(name) });
}

export function numberContent(concept: Code, value: number, unit: string, children: readonly DataSet[]): DataSet {
  return contentItem(
    'CONTAINS',
    'NUM',
    concept,
    {
      [Tag.MeasuredValueSequence]: sequence({
        [Tag.MeasurementUnitsCodeSequence]: sequence(codeItem(unitCode(unit))),
        [Tag.FloatingPointValue]: element('FD', value),
        [Tag.NumericValue]: element('DS', decimal(value)),
      }),
    },
    children,
  );
}

/** What a content item refers to. */
export interface InstanceReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly frameNumber: number | undefined;
}

export function imageContent(
  relationship: Relationship,
  image: InstanceReference,
  children: readonly DataSet[] = [],
): DataSet {
  return contentItem(
    relationship,
    'IMAGE',
    undefined,
    {
      [Tag.ReferencedSopSequence]: sequence({
        [Tag.ReferencedSopClassUid]: element('UI', image.sopClassUid),
        [Tag.ReferencedSopInstanceUid]: element('UI', image.sopInstanceUid),
        ...(image.frameNumber === undefined ? {} : { [Tag.ReferencedFrameNumber]: element('IS', image.frameNumber) }),
      }),
    },
    children,
  );
}

export type GraphicType = 'POINT' | 'MULTIPOINT' | 'POLYLINE' | 'CIRCLE' | 'ELLIPSE';

/** In the standard the corner of the first pixel is 0, 0 (PS3.3 C.18.6.1.2, Graphic Data); here it is its centre. */
const toCorner = 0.5;

export function graphicData(points: readonly PicturePoint[]): number[] {
  return points.flatMap(([x, y]) => [x + toCorner, y + toCorner]);
}

export function pointsIn(values: readonly number[]): PicturePoint[] {
  return Array.from({ length: Math.floor(values.length / 2) }, (_, at) => [
    (values[2 * at] ?? 0) - toCorner,
    (values[2 * at + 1] ?? 0) - toCorner,
  ]);
}

export function coordinateContent(
  relationship: Relationship,
  concept: Code | undefined,
  graphicType: GraphicType,
  points: readonly PicturePoint[],
  image: InstanceReference,
): DataSet {
  return contentItem(
    relationship,
    'SCOORD',
    concept,
    {
      [Tag.GraphicData]: element('FL', ...graphicData(points)),
      [Tag.GraphicType]: element('CS', graphicType),
    },
    [imageContent('SELECTED FROM', image)],
  );
}

/** A content item as it is read. */
export interface ReadItem {
  readonly valueType: string;
  readonly concept: Code | undefined;
  readonly dataSet: DataSet;
  readonly children: readonly ReadItem[];
}

/** More of them is no report that anybody wrote. */
const deepest = 32;

export function readContent(dataSet: DataSet, depth = 0): ReadItem {
  return {
    valueType: text(dataSet, Tag.ValueType) ?? '',
    concept: readCode(item(dataSet, Tag.ConceptNameCodeSequence)),
    dataSet,
    children: depth < deepest ? items(dataSet, Tag.ContentSequence).map((child) => readContent(child, depth + 1)) : [],
  };
}

export function codeIn({ dataSet }: ReadItem): Code | undefined {
  return readCode(item(dataSet, Tag.ConceptCodeSequence));
}

export function textIn({ dataSet }: ReadItem): string {
  return text(dataSet, Tag.TextValue) ?? '';
}

export function uidIn({ dataSet }: ReadItem): string | undefined {
  return text(dataSet, Tag.ContentUid);
}

export function measuredIn({
  dataSet,
}: ReadItem): { readonly value: number; readonly unit: Code | undefined } | undefined {
  const measured = item(dataSet, Tag.MeasuredValueSequence);
  const value = measured && (number(measured, Tag.FloatingPointValue) ?? number(measured, Tag.NumericValue));
  return measured && value !== undefined
    ? { value, unit: readCode(item(measured, Tag.MeasurementUnitsCodeSequence)) }
    : undefined;
}

export function referenceIn({ dataSet }: ReadItem): InstanceReference | undefined {
  const reference = item(dataSet, Tag.ReferencedSopSequence);
  const uid = reference && sopInstanceUid(text(reference, Tag.ReferencedSopInstanceUid));
  return reference && uid
    ? {
        sopClassUid: text(reference, Tag.ReferencedSopClassUid) ?? '',
        sopInstanceUid: uid,
        frameNumber: number(reference, Tag.ReferencedFrameNumber),
      }
    : undefined;
}

/** Coordinates in an image, with the image that they are in. */
export function coordinatesIn(read: ReadItem) {
  const image = read.children.find(({ valueType }) => valueType === 'IMAGE');
  const reference = image && referenceIn(image);
  const graphicType = text(read.dataSet, Tag.GraphicType) as GraphicType | undefined;
  return reference && graphicType
    ? { graphicType, points: pointsIn(numbers(read.dataSet, Tag.GraphicData)), image: reference }
    : undefined;
}
