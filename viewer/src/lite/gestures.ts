/**
 * Hand movements on the picture. Mouse: the wheel scrolls, with Ctrl it zooms; left or right drag is the window, with
 * Shift or the middle button it moves the picture. Fingers: one scrolls, two that spread zoom and move, two that go
 * together are the window; two taps fit, and a swipe from the edge goes to another series.
 */

import { aboutTwoFingers, slopPixels } from '../viewport/twoFingers';

export interface Acts {
  scroll(steps: number): void;
  zoom(factor: number, at: readonly [number, number]): void;
  pan(dx: number, dy: number): void;
  window(dx: number, dy: number): void;
  fit(): void;
  series(step: 1 | -1): void;
  /** Images in the stack: a long one is scrolled faster. */
  count(): number;
  /** A hand is on the picture, or not any more. */
  held(isHeld: boolean): void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

type Meaning = 'undecided' | 'scroll' | 'window' | 'pan' | 'pinch' | 'swipe';

const edgePixels = 28;
const swipePixels = 60;
const doubleTapMs = 350;
const tapPixels = 12;
const notchPixels = 40;

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function between(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Listens on the element for as long as that lives. */
export function listenToHands(element: HTMLElement, acts: Acts, signal: AbortSignal): void {
  const points = new Map<number, Point>();
  let meaning: Meaning = 'undecided';
  let start: Point = { x: 0, y: 0 };
  let pair: readonly [Point, Point] | undefined;
  /** Which of two fingers have moved. */
  let moved = new Set<number>();
  let rest = 0;
  let wheelRest = 0;
  let lastTap: (Point & { readonly time: number }) | undefined;

  const inArea = ({ x, y }: Point): readonly [number, number] => {
    const box = element.getBoundingClientRect();
    return [x - box.left, y - box.top];
  };

  const stepPixels = () => Math.max(4, Math.min(24, element.clientHeight / Math.max(acts.count(), 1)));

  const onDown = (event: PointerEvent) => {
    if (event.target instanceof Element && event.target.closest('button, a')) {
      return;
    }
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    points.set(event.pointerId, { x: event.clientX, y: event.clientY });
    acts.held(true);
    if (event.pointerType === 'mouse') {
      meaning = event.button === 1 || event.shiftKey ? 'pan' : 'window';
      event.preventDefault();
      return;
    }
    const [first, second] = [...points.values()];
    if (first && second) {
      [pair, meaning, moved] = [[first, second], 'undecided', new Set()];
    } else if (first) {
      [start, rest, meaning] = [first, 0, 'undecided'];
    }
  };

  const moveTwo = (before: readonly [Point, Point], now: readonly [Point, Point], from: readonly [Point, Point]) => {
    if (meaning !== 'pinch' && meaning !== 'window') {
      const spread = Math.abs(distance(...now) - distance(...from));
      const way = distance(between(...now), between(...from));
      const about = aboutTwoFingers(spread, way, moved.size > 1);
      if (!about) {
        return;
      }
      meaning = about;
    }
    const [was, is] = [between(...before), between(...now)];
    if (meaning === 'pinch') {
      acts.pan(is.x - was.x, is.y - was.y);
      acts.zoom(distance(...now) / Math.max(distance(...before), 1), inArea(is));
    } else {
      acts.window(is.x - was.x, is.y - was.y);
    }
  };

  const moveOne = (before: Point, now: Point) => {
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    switch (meaning) {
      case 'window':
        acts.window(dx, dy);
        break;
      case 'pan':
        acts.pan(dx, dy);
        break;
      case 'scroll': {
        rest += dy;
        const steps = Math.trunc(rest / stepPixels());
        rest -= steps * stepPixels();
        if (steps !== 0) {
          acts.scroll(steps);
        }
        break;
      }
      case 'undecided': {
        if (distance(now, start) >= slopPixels) {
          const [x] = inArea(start);
          const isAtEdge = x < edgePixels || x > element.clientWidth - edgePixels;
          const isSideways = Math.abs(now.x - start.x) > Math.abs(now.y - start.y);
          meaning = isAtEdge && isSideways ? 'swipe' : 'scroll';
        }
        break;
      }
      default:
    }
  };

  const onMove = (event: PointerEvent) => {
    const before = points.get(event.pointerId);
    if (!before) {
      return;
    }
    const earlier = [...points.values()];
    points.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = [...points.values()];
    const [a, b] = earlier;
    const [c, d] = now;
    if (a && b && c && d && pair) {
      moved.add(event.pointerId);
      moveTwo([a, b], [c, d], pair);
    } else if (c && meaning !== 'pinch') {
      moveOne(before, c);
    }
  };

  const onUp = (event: PointerEvent) => {
    const last = points.get(event.pointerId);
    points.delete(event.pointerId);
    if (!last || points.size > 0) {
      // The finger that stays behind means nothing.
      [pair, meaning] = [undefined, points.size > 0 ? 'pinch' : meaning];
      return;
    }
    if (meaning === 'swipe' && Math.abs(last.x - start.x) >= swipePixels) {
      acts.series(last.x < start.x ? 1 : -1);
    }
    if (event.pointerType !== 'mouse' && meaning === 'undecided' && event.type === 'pointerup') {
      const time = event.timeStamp;
      const isSecond = lastTap && time - lastTap.time < doubleTapMs && distance(lastTap, last) < 3 * tapPixels;
      lastTap = isSecond ? undefined : { ...last, time };
      if (isSecond) {
        acts.fit();
      }
    }
    [pair, meaning] = [undefined, 'undecided'];
    acts.held(false);
  };

  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const delta = event.deltaY || event.deltaX;
    if (event.ctrlKey) {
      acts.zoom(Math.exp(-delta / 500), inArea({ x: event.clientX, y: event.clientY }));
      return;
    }
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? delta : Math.sign(delta) * notchPixels;
    wheelRest = Math.sign(pixels) === Math.sign(wheelRest) ? wheelRest + pixels : pixels;
    if (Math.abs(wheelRest) >= notchPixels) {
      acts.scroll(Math.sign(wheelRest) * (event.shiftKey ? Math.max(1, Math.round(acts.count() / 20)) : 1));
      wheelRest = 0;
    }
  };

  element.addEventListener('pointerdown', onDown, { signal });
  element.addEventListener('pointermove', onMove, { signal });
  element.addEventListener('pointerup', onUp, { signal });
  element.addEventListener('pointercancel', onUp, { signal });
  element.addEventListener('wheel', onWheel, { signal, passive: false });
  element.addEventListener('dblclick', () => acts.fit(), { signal });
  element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
}
