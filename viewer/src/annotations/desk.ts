/**
 * The annotations of the study that is being read, outside React: what is drawn, selected and under the hand, and every
 * step back and forth. It knows nothing of screens and of the network.
 */
import { createStore } from 'zustand/vanilla';
import type { Frame } from '../imaging/frames';
import { type KeyTitle, plainTitle } from './keyTitles';
import { resized } from './kinds';
import { measuringOf } from './measuring';
import { type Annotation, type ImageReference, imageKey, isSameImage } from './model';
import type { SeenView } from './view';

/** What is kept together: each step of the reader makes another one. */
export interface Marks {
  readonly annotations: readonly Annotation[];
  readonly keyImages: readonly ImageReference[];
  /** What the key images are for. */
  readonly keyTitle: KeyTitle;
}

/** A version that was saved, looked at and not changed. */
export interface EarlierVersion {
  readonly sopInstanceUid: string;
  readonly annotations: readonly Annotation[];
}

export const noMarks: Marks = { annotations: [], keyImages: [], keyTitle: plainTitle };

export interface DeskState {
  readonly marks: Marks;
  /** As they were last saved or opened. */
  readonly kept: Marks;
  /** Of others, shown and not changed. */
  readonly foreign: readonly Annotation[];
  /** Shown in place of what is drawn now, until that is worked on. */
  readonly earlier: EarlierVersion | undefined;
  /** Begun and not yet whole. */
  readonly drawing: Annotation | undefined;
  readonly selected: string | undefined;
  /** Whose label is being written. */
  readonly labelled: string | undefined;
  readonly areShown: boolean;
  readonly past: readonly Marks[];
  readonly future: readonly Marks[];
}

export type DeskStore = ReturnType<typeof createDeskStore>;

function createDeskStore() {
  return createStore<DeskState>()(() => ({
    marks: noMarks,
    kept: noMarks,
    foreign: [],
    earlier: undefined,
    drawing: undefined,
    selected: undefined,
    labelled: undefined,
    areShown: true,
    past: [],
    future: [],
  }));
}

const mostSteps = 200;

export class Desk {
  readonly store = createDeskStore();
  /** How images were last looked at on which something is drawn, by the image. */
  readonly views = new Map<string, SeenView>();
  readonly #frameOf: (image: ImageReference) => Frame | undefined;
  /** As it was before the hand took hold of something. */
  #before: Marks | undefined;

  /** `frameOf` knows the frames that are open. */
  constructor(frameOf: (image: ImageReference) => Frame | undefined) {
    this.#frameOf = frameOf;
  }

  get #state(): DeskState {
    return this.store.getState();
  }

  get marks(): Marks {
    return this.#state.marks;
  }

  find(uid: string | undefined): Annotation | undefined {
    const { marks, foreign } = this.#state;
    return [...marks.annotations, ...foreign].find((annotation) => annotation.uid === uid);
  }

  /** Makes a step that can be taken back. */
  #step(marks: Marks, before = this.#state.marks): void {
    if (marks !== before) {
      const past = [...this.#state.past, before].slice(-mostSteps);
      this.store.setState({ marks, past, future: [], earlier: undefined });
    }
  }

  #with(annotations: readonly Annotation[]): Marks {
    return { ...this.#state.marks, annotations };
  }

  #changed(uid: string, change: (annotation: Annotation) => Annotation): Marks {
    const annotations = this.#state.marks.annotations.map((annotation) =>
      annotation.uid === uid ? change(annotation) : annotation,
    );
    return this.#with(this.#resized(annotations, uid));
  }

  /** All sizes on an instance follow from the known length that was drawn, changed or taken away. */
  #resized(annotations: readonly Annotation[], uid: string): readonly Annotation[] {
    const changed = this.find(uid);
    const instance = changed?.kind === 'calibration' ? changed.image.sopInstanceUid : undefined;
    return instance === undefined
      ? annotations
      : annotations.map((annotation) => {
          const { image } = annotation;
          const frame = image.sopInstanceUid === instance ? this.#frameOf(image) : undefined;
          return frame ? resized(annotation, measuringOf(frame, annotation, annotations, undefined)) : annotation;
        });
  }

  saw(image: ImageReference, view: SeenView): void {
    this.views.set(imageKey(image), view);
  }

  draw(drawing: Annotation | undefined): void {
    this.store.setState(drawing ? { drawing, selected: undefined, areShown: true, earlier: undefined } : { drawing });
  }

  add(annotation: Annotation): void {
    this.store.setState({ drawing: undefined, selected: annotation.uid });
    this.#step(this.#with([...this.#state.marks.annotations, annotation]));
  }

  change(uid: string, change: (annotation: Annotation) => Annotation): void {
    this.#step(this.#changed(uid, change));
  }

  /** Changes as long as the hand holds it are one step. */
  hold(): void {
    this.#before ??= this.#state.marks;
  }

  move(uid: string, change: (annotation: Annotation) => Annotation): void {
    this.store.setState({ marks: this.#changed(uid, change) });
  }

  letGo(isDone: boolean): void {
    const before = this.#before;
    this.#before = undefined;
    if (before && isDone) {
      this.#step(this.#state.marks, before);
    } else if (before) {
      this.store.setState({ marks: before });
    }
  }

  remove(uid: string): void {
    const { marks, selected, labelled } = this.#state;
    const annotations = marks.annotations.filter((annotation) => annotation.uid !== uid);
    if (annotations.length < marks.annotations.length) {
      this.store.setState({
        selected: selected === uid ? undefined : selected,
        labelled: labelled === uid ? undefined : labelled,
      });
      this.#step(this.#with(this.#resized(annotations, uid)));
    }
  }

  toggleKeyImage(image: ImageReference): void {
    const { marks } = this.#state;
    const others = marks.keyImages.filter((other) => !isSameImage(other, image));
    const keyImages = others.length < marks.keyImages.length ? others : [...marks.keyImages, image];
    this.#step({ ...marks, keyImages });
  }

  setKeyTitle(keyTitle: KeyTitle): void {
    this.#step({ ...this.#state.marks, keyTitle });
  }

  /** Shows a version as it was saved, or what is drawn now. */
  look(earlier: EarlierVersion | undefined): void {
    this.store.setState({ earlier, selected: undefined, labelled: undefined });
  }

  select(uid: string | undefined): void {
    this.store.setState({ selected: uid, labelled: undefined });
  }

  /** Lets the reader write the label of it, or ends that. */
  label(uid: string | undefined): void {
    this.store.setState(uid === undefined ? { labelled: undefined } : { labelled: uid, selected: uid });
  }

  show(areShown: boolean): void {
    this.store.setState({ areShown });
  }

  #go(to: Marks, past: readonly Marks[], future: readonly Marks[]): void {
    const { selected } = this.#state;
    const isThere = to.annotations.some(({ uid }) => uid === selected);
    this.store.setState({
      marks: to,
      past,
      future,
      earlier: undefined,
      labelled: undefined,
      selected: isThere ? selected : undefined,
    });
  }

  undo(): void {
    const { past, future, marks } = this.#state;
    const before = past.at(-1);
    if (before) {
      this.#go(before, past.slice(0, -1), [marks, ...future]);
    }
  }

  redo(): void {
    const { past, future, marks } = this.#state;
    const [after, ...rest] = future;
    if (after) {
      this.#go(after, [...past, marks], rest);
    }
  }

  /** What the archive keeps of this study. Whatever was drawn before it was here stays on top of it. */
  opened(kept: Marks, foreign: readonly Annotation[]): void {
    const { marks } = this.#state;
    const merged: Marks = {
      annotations: [...kept.annotations, ...marks.annotations],
      keyImages: [...kept.keyImages, ...marks.keyImages],
      keyTitle: marks.keyTitle === plainTitle ? kept.keyTitle : marks.keyTitle,
    };
    const isUntouched = marks === noMarks;
    this.store.setState({ marks: isUntouched ? kept : merged, kept, foreign, past: [], future: [] });
  }

  saved(kept: Marks): void {
    this.store.setState({ kept });
  }
}

/** Whether something is not saved. */
export function isChanged({ marks, kept }: Pick<DeskState, 'marks' | 'kept'>): boolean {
  return marks !== kept;
}
