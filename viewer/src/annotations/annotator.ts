/** The hand of one viewport that draws annotations, and takes hold of those that are there. */
import type { PicturePoint } from '../imaging/imagePlane';
import { pictureAt, type ScreenPoint, screenAt } from '../imaging/placement';
import type { Dragging } from '../tools/types';
import type { Cell } from '../viewport/readingState';
import type { Annotator } from '../viewport/viewState';
import type { Desk } from './desk';
import { completed, type Measuring, measured, pointsOf, withPoint } from './kinds';
import { labelPlace } from './labelPlace';
import { measuringOf } from './measuring';
import { type Annotation, type AnnotationKind, newUid, referenceTo } from './model';
import { nextVertebra } from './vertebrae';

/** Less is a click, and the point goes on following the hand. */
const leastTravel = 4;
/** Between the points of an outline, in pixels of the screen. */
const pathStep = 3;
/** After these the reader writes. */
const labelledAtOnce: readonly AnnotationKind[] = ['arrow', 'text', 'calibration'];

/** Which part of an annotation an element of the picture is. */
interface Part {
  readonly uid: string;
  readonly part: 'outline' | 'label' | number;
}

function partOf(target: Element): Part | undefined {
  const element = target.closest<HTMLElement | SVGElement>('[data-annotation]');
  const { annotation: uid, part = '' } = element?.dataset ?? {};
  if (uid === undefined) {
    return undefined;
  }
  return { uid, part: part === 'outline' || part === 'label' ? part : Number(part) };
}

function distance(a: ScreenPoint, b: ScreenPoint): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

export class PictureAnnotator implements Annotator {
  readonly #desk: Desk;
  readonly #cell: Cell;
  /** Where the button went down, and where the last point of an outline is. */
  #from: ScreenPoint = [0, 0];
  #last: ScreenPoint = [0, 0];
  /** How many points of the drawing do not follow the hand any more. */
  #fixed = 0;

  constructor(desk: Desk, cell: Cell) {
    this.#desk = desk;
    this.#cell = cell;
  }

  get #drawing(): Annotation | undefined {
    const { drawing } = this.#desk.store.getState();
    return drawing && this.#isHere(drawing) ? drawing : undefined;
  }

  #isHere({ image }: Annotation): boolean {
    const here = this.#image;
    return here?.sopInstanceUid === image.sopInstanceUid && here.frameNumber === image.frameNumber;
  }

  get #frame() {
    const { series, index } = this.#cell.store.getState();
    return series?.frames[index];
  }

  get #image() {
    const { series } = this.#cell.store.getState();
    const frame = this.#frame;
    return series && frame && referenceTo(series, frame);
  }

  #measuring(annotation: Annotation): Measuring | undefined {
    const frame = this.#frame;
    return frame && measuringOf(frame, annotation, this.#desk.marks.annotations, this.#cell.screen?.values?.());
  }

  #measured(annotation: Annotation): Annotation {
    const measuring = this.#measuring(annotation);
    return measuring ? measured(annotation, measuring) : annotation;
  }

  #pictureAt(at: ScreenPoint): PicturePoint | undefined {
    const { placement, shown } = this.#cell.store.getState();
    return placement && shown ? pictureAt(placement, at) : undefined;
  }

  #screenAt(point: PicturePoint): ScreenPoint {
    const { placement } = this.#cell.store.getState();
    return (placement && screenAt(placement, point)) ?? [0, 0];
  }

  press(kind: AnnotationKind, at: ScreenPoint): void {
    const [point, image] = [this.#pictureAt(at), this.#image];
    if (!point || !image) {
      return;
    }
    this.#from = at;
    this.#last = at;
    const drawing = this.#drawing;
    if (drawing?.kind === kind) {
      this.#fix(drawing, point);
      return;
    }
    this.#desk.draw(undefined);
    const begun: Annotation = {
      uid: newUid(),
      kind,
      image,
      points: [point],
      label: '',
      labelAt: undefined,
      measures: [],
      sizeSource: 'none',
    };
    this.#fixed = 0;
    this.#fix(begun, point);
  }

  /** A point stays where it is now; another one follows the hand, if there are more to come. */
  #fix(drawing: Annotation, point: PicturePoint): void {
    const points = [...drawing.points.slice(0, this.#fixed), point];
    this.#fixed += 1;
    if (this.#fixed === pointsOf(drawing.kind as AnnotationKind)) {
      this.#finish({ ...drawing, points });
    } else {
      this.#desk.draw(this.#measured({ ...drawing, points: [...points, point] }));
    }
  }

  #finish(drawing: Annotation): void {
    const kind = drawing.kind as AnnotationKind;
    const points = completed(kind, drawing.points, this.#measuring(drawing)?.pixel ?? { column: 1, row: 1 });
    const label = kind === 'spine' ? this.#nextVertebra() : undefined;
    this.#desk.add(this.#measured({ ...drawing, points, label: label ?? '' }));
    if (labelledAtOnce.includes(kind) || (kind === 'spine' && label === undefined)) {
      this.#desk.label(drawing.uid);
    }
  }

  /** After those that are named on this series. */
  #nextVertebra(): string | undefined {
    const series = this.#image?.seriesInstanceUid;
    const named = this.#desk.marks.annotations.filter(
      ({ kind, image }) => kind === 'spine' && image.seriesInstanceUid === series,
    );
    return nextVertebra(named.map(({ label }) => label));
  }

  drag(at: ScreenPoint): void {
    const [drawing, point] = [this.#drawing, this.#pictureAt(at)];
    if (!drawing || !point) {
      return;
    }
    if (pointsOf(drawing.kind as AnnotationKind) !== 'path') {
      this.#desk.draw(this.#measured({ ...drawing, points: [...drawing.points.slice(0, this.#fixed), point] }));
    } else if (distance(at, this.#last) >= pathStep) {
      this.#last = at;
      this.#desk.draw(this.#measured({ ...drawing, points: [...drawing.points, point] }));
    }
  }

  hover(at: ScreenPoint): void {
    const drawing = this.#drawing;
    if (drawing && pointsOf(drawing.kind as AnnotationKind) !== 'path') {
      this.drag(at);
    }
  }

  release(at: ScreenPoint, isDone: boolean): void {
    const [drawing, point] = [this.#drawing, this.#pictureAt(at)];
    if (!drawing || !point) {
      return;
    }
    if (!isDone) {
      this.cancel();
    } else if (pointsOf(drawing.kind as AnnotationKind) === 'path') {
      if (drawing.points.length > 2) {
        this.#finish(drawing);
      } else {
        this.cancel();
      }
    } else if (distance(at, this.#from) >= leastTravel) {
      this.#fix(drawing, point);
    }
  }

  cancel(): void {
    this.#fixed = 0;
    this.#desk.draw(undefined);
  }

  toggleKeyImage(): void {
    const image = this.#image;
    if (image) {
      this.#desk.toggleKeyImage(image);
    }
  }

  /** Handles and labels go before what the hand would do else; outlines only before what draws nothing. */
  grab(target: Element, drawsOtherwise: boolean): Dragging | undefined {
    const part = partOf(target);
    const annotation = this.#desk.find(part?.uid);
    if (!part || !annotation || this.#drawing || (part.part === 'outline' && drawsOtherwise)) {
      return undefined;
    }
    this.#desk.select(annotation.uid);
    if (annotation.kind === 'foreign') {
      return undefined;
    }
    let before: ScreenPoint = [0, 0];
    return {
      start: (_, at) => {
        before = at;
        this.#desk.hold();
      },
      drag: (_, { at }) => {
        this.#move(part, before, at);
        before = at;
      },
      end: (_, isDone) => this.#desk.letGo(isDone),
    };
  }

  #move({ uid, part }: Part, from: ScreenPoint, to: ScreenPoint): void {
    const [before, after] = [this.#pictureAt(from), this.#pictureAt(to)];
    if (!before || !after) {
      return;
    }
    const shifted = ([x, y]: PicturePoint): PicturePoint => [x + after[0] - before[0], y + after[1] - before[1]];
    this.#desk.move(uid, (annotation) => {
      if (part === 'label') {
        const place = annotation.labelAt ?? this.#pictureAt(labelPlace(annotation, (point) => this.#screenAt(point)));
        return { ...annotation, labelAt: shifted(place ?? after) };
      }
      const points =
        part === 'outline'
          ? annotation.points.map(shifted)
          : withPoint(annotation, part, after, this.#measuring(annotation)?.pixel ?? { column: 1, row: 1 });
      return this.#measured({ ...annotation, points });
    });
  }
}
