/** What is drawn on images, and how they were looked at, as Grayscale Softcopy Presentation States (PS3.3 A.33.1). */
import type { DataSet } from '../../dicomweb/dataSet';
import { grouped } from '../grouped';
import { type Shape, shapesOf } from '../kinds';
import { labelPlace } from '../labelPlace';
import type { Annotation, ImageReference } from '../model';
import type { SeenView } from '../view';
import { graphicData } from './content';
import { decimal, element, person, sequence } from './elements';
import { type Authorship, instanceOf, type SeriesAddress } from './instance';
import { graphicOf } from './report';
import { Tag } from './tags';

export const grayscalePresentationState = '1.2.840.10008.5.1.4.1.1.11.1';

/** An image with what is drawn on it. */
export interface DrawnImage {
  readonly image: ImageReference;
  readonly view: SeenView;
  readonly annotations: readonly Annotation[];
}

export interface PresentationDraft extends Authorship {
  readonly sopInstanceUid: string;
  readonly series: SeriesAddress;
  readonly instanceNumber: number;
  /** All turned, flipped and inverted alike. */
  readonly drawn: readonly DrawnImage[];
  /** Metadata of an image of the study. */
  readonly belonging: DataSet;
  /** What stands beside an annotation. */
  readonly textOf: (annotation: Annotation) => readonly string[];
}

const layer = 'MEASUREMENTS';

function imageReference({ sopClassUid, sopInstanceUid, frameNumber }: ImageReference): DataSet {
  return {
    [Tag.ReferencedSopClassUid]: element('UI', sopClassUid),
    [Tag.ReferencedSopInstanceUid]: element('UI', sopInstanceUid),
    ...(frameNumber === undefined ? {} : { [Tag.ReferencedFrameNumber]: element('IS', frameNumber) }),
  };
}

/** The head of an arrow, as long as a sixth of it. */
function withHead(shape: Shape): readonly Shape[] {
  const [tip, tail] = shape.points;
  if (shape.kind !== 'arrow' || !tip || !tail) {
    return [shape];
  }
  const [dx, dy] = [(tail[0] - tip[0]) / 6, (tail[1] - tip[1]) / 6];
  const head = [
    [tip[0] + dx - dy / 2, tip[1] + dy + dx / 2],
    tip,
    [tip[0] + dx + dy / 2, tip[1] + dy - dx / 2],
  ] as const;
  return [shape, { kind: 'line', points: head }];
}

/** PS3.3 C.10.5.1.2: sub-pixel positions, as in SCOORD. */
function graphicObject(shape: Shape): DataSet {
  const { type, points } = graphicOf(shape);
  return {
    [Tag.GraphicAnnotationUnits]: element('CS', 'PIXEL'),
    [Tag.GraphicDimensions]: element('US', 2),
    [Tag.NumberOfGraphicPoints]: element('US', points.length),
    [Tag.GraphicData]: element('FL', ...graphicData(points)),
    [Tag.GraphicType]: element('CS', type),
    ...(type === 'POINT' ? {} : { [Tag.GraphicFilled]: element('CS', 'N') }),
  };
}

function textObject(annotation: Annotation, lines: readonly string[]): DataSet {
  const place = labelPlace(annotation, (point) => point);
  return {
    [Tag.AnchorPointAnnotationUnits]: element('CS', 'PIXEL'),
    [Tag.UnformattedTextValue]: element('ST', lines.join('\r\n').slice(0, 1024)),
    [Tag.AnchorPoint]: element('FL', ...graphicData([place])),
    [Tag.AnchorPointVisibility]: element('CS', 'N'),
  };
}

function graphicAnnotation({ image, annotations }: DrawnImage, textOf: PresentationDraft['textOf']): DataSet {
  const texts = annotations.flatMap((annotation) => {
    const lines = textOf(annotation);
    return lines.length > 0 ? [textObject(annotation, lines)] : [];
  });
  const graphics = annotations.flatMap((annotation) => shapesOf(annotation).flatMap(withHead)).map(graphicObject);
  return {
    [Tag.ReferencedImageSequence]: sequence(imageReference(image)),
    [Tag.GraphicLayer]: element('CS', layer),
    ...(texts.length > 0 ? { [Tag.TextObjectSequence]: sequence(...texts) } : {}),
    ...(graphics.length > 0 ? { [Tag.GraphicObjectSequence]: sequence(...graphics) } : {}),
  };
}

/** PS3.3 C.10.4: the corners as pixels, of which the first is 1, 1. */
function displayedArea({ image, view }: DrawnImage): DataSet {
  const pixel = ([x, y]: readonly [number, number]) => [Math.round(x) + 1, Math.round(y) + 1];
  return {
    [Tag.ReferencedImageSequence]: sequence(imageReference(image)),
    [Tag.DisplayedAreaTopLeft]: element('SL', ...pixel(view.topLeft)),
    [Tag.DisplayedAreaBottomRight]: element('SL', ...pixel(view.bottomRight)),
    [Tag.PresentationSizeMode]: element('CS', 'SCALE TO FIT'),
    // Vertical to horizontal, in whole numbers.
    [Tag.PresentationPixelAspectRatio]: element('IS', Math.round(view.aspect * 10_000), 10_000),
  };
}

function softcopyVoi({ image, view }: DrawnImage): DataSet[] {
  const { window } = view;
  return window && window.table === undefined
    ? [
        {
          [Tag.ReferencedImageSequence]: sequence(imageReference(image)),
          [Tag.WindowCenter]: element('DS', decimal(window.center)),
          [Tag.WindowWidth]: element('DS', decimal(window.width)),
          [Tag.VoiLutFunction]: element('CS', window.voiFunction),
        },
      ]
    : [];
}

/** Images that one presentation state can be of: it turns, flips and inverts all alike. */
export function togetherPresented(drawn: readonly DrawnImage[]): DrawnImage[][] {
  return [...grouped(drawn, ({ view }) => `${view.rotation} ${view.isFlipped} ${view.isInverted}`).values()];
}

export function writePresentation(draft: PresentationDraft): DataSet {
  const { drawn, textOf, author } = draft;
  const [first] = drawn;
  const own = instanceOf(
    grayscalePresentationState,
    draft.sopInstanceUid,
    draft.belonging,
    { ...draft.series, modality: 'PR', description: 'Presentation states' },
    draft,
  );
  const windows = drawn.flatMap(softcopyVoi);
  const { [Tag.ContentDate]: date, [Tag.ContentTime]: time, ...rest } = own;
  return {
    ...rest,
    [Tag.InstanceNumber]: element('IS', draft.instanceNumber),
    [Tag.ContentLabel]: element('CS', 'MEASUREMENTS'),
    [Tag.ContentDescription]: element('LO', 'Measurements as they were drawn'),
    ...(date ? { [Tag.PresentationCreationDate]: date } : {}),
    ...(time ? { [Tag.PresentationCreationTime]: time } : {}),
    [Tag.ContentCreatorName]: person(author),
    [Tag.ReferencedSeriesSequence]: sequence(
      ...[...grouped(drawn, ({ image }) => image.seriesInstanceUid)].map(([series, members]) => ({
        [Tag.SeriesInstanceUid]: element('UI', series),
        [Tag.ReferencedImageSequence]: sequence(...members.map(({ image }) => imageReference(image))),
      })),
    ),
    [Tag.DisplayedAreaSelectionSequence]: sequence(...drawn.map(displayedArea)),
    [Tag.GraphicAnnotationSequence]: sequence(...drawn.map((each) => graphicAnnotation(each, textOf))),
    [Tag.GraphicLayerSequence]: sequence({
      [Tag.GraphicLayer]: element('CS', layer),
      [Tag.GraphicLayerOrder]: element('IS', 1),
    }),
    [Tag.ImageRotation]: element('US', first?.view.rotation ?? 0),
    [Tag.ImageHorizontalFlip]: element('CS', first?.view.isFlipped ? 'Y' : 'N'),
    ...(windows.length > 0 ? { [Tag.SoftcopyVoiLutSequence]: sequence(...windows) } : {}),
    [Tag.PresentationLutShape]: element('CS', first?.view.isInverted ? 'INVERSE' : 'IDENTITY'),
  };
}
