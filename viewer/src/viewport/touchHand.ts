/**
 * Fingers on the picture. One scrolls the stack, or works the tool that was taken for it; held still first, it changes the
 * window. Two that spread zoom and move; two that go together change the window. Two taps fit the picture; a swipe inwards from a
 * side shows the next series or the one before.
 */
import type { ScreenPoint } from '../imaging/placement';
import { pan } from '../tools/pan';
import { scroll } from '../tools/scroll';
import type { Dragging } from '../tools/types';
import { windowLevel } from '../tools/windowLevel';
import { aboutTwoFingers, slopPixels } from './twoFingers';
import type { ReaderView } from './viewState';

const longPressMs = 450;
const doubleTapMs = 350;
/** How far from the side a swipe begins at most, and how long it is at least. */
const edgePixels = 48;
const swipePixels = 56;

export interface TouchTools {
  /** What one finger does at this element in place of scrolling. */
  finger(target: Element): Dragging | undefined;
  frameCount(): number;
  swiped(to: 'next' | 'previous'): void;
}

export interface Touch {
  readonly id: number;
  /** In the picture. */
  readonly at: ScreenPoint;
  readonly target: EventTarget | null;
  readonly timeMs: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Two fingers: the middle of them, and how far they are from each other. */
interface Pair {
  readonly at: ScreenPoint;
  readonly size: number;
}

type Doing =
  | { readonly kind: 'undecided' | 'nothing' | 'swipe' | 'pinch' }
  /** Two fingers that do not tell yet what they are about. */
  | { readonly kind: 'pair'; readonly from: Pair; readonly moved: Set<number> }
  | { readonly kind: 'dragging'; readonly by: Dragging };

export class TouchHand {
  readonly #view: ReaderView;
  readonly #tools: TouchTools;
  readonly #size: () => Size;
  readonly #fingers = new Map<number, ScreenPoint>();
  #doing: Doing = { kind: 'nothing' };
  #start: ScreenPoint = [0, 0];
  #longPress: ReturnType<typeof setTimeout> | undefined;
  #tap: { readonly timeMs: number; readonly at: ScreenPoint } | undefined;

  constructor(view: ReaderView, tools: TouchTools, size: () => Size) {
    this.#view = view;
    this.#tools = tools;
    this.#size = size;
  }

  down({ id, at, target }: Touch): void {
    this.#fingers.set(id, at);
    this.#leave(at, false);
    const pair = this.#pair();
    if (pair) {
      this.#tap = undefined;
      this.#doing = { kind: 'pair', from: pair, moved: new Set() };
      return;
    }
    this.#start = at;
    const by = target instanceof Element ? this.#tools.finger(target) : undefined;
    if (by) {
      this.#take(by, at);
      return;
    }
    this.#doing = { kind: 'undecided' };
    this.#longPress = setTimeout(() => {
      this.#tap = undefined;
      this.#take(windowLevel, this.#start);
    }, longPressMs);
  }

  move({ id, at }: Touch): void {
    const before = this.#fingers.get(id);
    if (!before) {
      return;
    }
    const earlier = this.#pair();
    this.#fingers.set(id, at);
    const later = this.#pair();
    if (earlier && later) {
      this.#moveTwo(id, earlier, later);
      return;
    }
    const from = this.#doing.kind === 'undecided' ? this.#start : before;
    this.#decide(at);
    this.#drag(from, at);
  }

  /** `isDone` unless the browser took the finger away. */
  up({ id, at, timeMs }: Touch, isDone: boolean): void {
    this.#fingers.delete(id);
    const { kind } = this.#doing;
    const [dx] = [at[0] - this.#start[0]];
    this.#leave(at, isDone);
    if (isDone && kind === 'swipe' && Math.abs(dx) >= swipePixels) {
      this.#tools.swiped(dx < 0 ? 'next' : 'previous');
    }
    if (isDone && kind === 'undecided') {
      this.#tapped(at, timeMs);
    }
  }

  /** Nothing is done later than this. */
  release(): void {
    clearTimeout(this.#longPress);
  }

  #moveTwo(id: number, before: Pair, later: Pair): void {
    let earlier = before;
    if (this.#doing.kind === 'pair') {
      const { from, moved } = this.#doing;
      const spread = Math.abs(later.size - from.size);
      const about = aboutTwoFingers(spread, distance(later.at, from.at), moved.add(id).size > 1);
      if (!about) {
        return;
      }
      earlier = from;
      if (about === 'pinch') {
        this.#doing = { kind: 'pinch' };
      } else {
        this.#take(windowLevel, from.at);
      }
    }
    if (this.#doing.kind === 'pinch') {
      this.#view.panBy(later.at[0] - earlier.at[0], later.at[1] - earlier.at[1]);
      if (earlier.size > 0) {
        this.#view.zoomBy(later.size / earlier.size, later.at);
      }
    } else {
      this.#drag(earlier.at, later.at);
    }
  }

  #drag(from: ScreenPoint, at: ScreenPoint): void {
    if (this.#doing.kind === 'dragging') {
      const { height } = this.#size();
      const [dx, dy] = [at[0] - from[0], at[1] - from[1]];
      this.#doing.by.drag(this.#view, { at, dx, dy, frameCount: this.#tools.frameCount(), height });
    }
  }

  #tapped(at: ScreenPoint, timeMs: number): void {
    const before = this.#tap;
    const isSecond = before && timeMs - before.timeMs < doubleTapMs && distance(before.at, at) < 4 * slopPixels;
    this.#tap = isSecond ? undefined : { timeMs, at };
    if (isSecond) {
      this.#view.fit();
    }
  }

  /** What a finger is about, as soon as it has gone far enough to tell. */
  #decide(at: ScreenPoint): void {
    const [dx, dy] = [at[0] - this.#start[0], at[1] - this.#start[1]];
    if (this.#doing.kind !== 'undecided' || Math.hypot(dx, dy) < slopPixels) {
      return;
    }
    clearTimeout(this.#longPress);
    this.#tap = undefined;
    const { width } = this.#size();
    const isFromEdge = dx > 0 ? this.#start[0] < edgePixels : this.#start[0] > width - edgePixels;
    if (isFromEdge && Math.abs(dx) > 2 * Math.abs(dy)) {
      this.#doing = { kind: 'swipe' };
    } else {
      // One image alone has nothing to be scrolled to.
      this.#take(this.#tools.frameCount() > 1 ? scroll : pan, this.#start);
    }
  }

  #take(by: Dragging, at: ScreenPoint): void {
    this.#doing = { kind: 'dragging', by };
    by.start?.(this.#view, at);
  }

  #leave(at: ScreenPoint, isDone: boolean): void {
    clearTimeout(this.#longPress);
    if (this.#doing.kind === 'dragging') {
      this.#doing.by.end?.(this.#view, isDone, at);
    }
    this.#doing = { kind: 'nothing' };
  }

  #pair(): Pair | undefined {
    const [a, b] = [...this.#fingers.values()];
    return a && b && { at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], size: distance(a, b) };
  }
}

function distance(a: ScreenPoint, b: ScreenPoint): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
