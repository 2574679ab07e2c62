/**
 * Mouse and pen on the picture: left drag works the active tool, the other buttons and the wheel do what the reader gave them
 * to do; fingers have a file of their own. The viewport that the hand is on is the active one; a double click gives it the
 * whole area, or takes it back.
 */
import type { ScreenPoint } from '../imaging/placement';
import type { WheelAct } from '../settings/mouse';
import type { Dragging } from '../tools/types';
import { type Touch, TouchHand, type TouchTools } from './touchHand';
import type { ReaderView } from './viewState';

export interface PointerTools extends TouchTools {
  /** What the left button does at this element; none where it would do nothing. */
  active(target: Element): Dragging | undefined;
  /** What the reader gave this button to do; none for the left one alone. */
  assigned(event: PointerEvent): Dragging | undefined;
  wheelAct(event: WheelEvent): WheelAct;
  /** The hand moves over the picture and holds nothing. */
  hovered(at: ScreenPoint): void;
  /** The hand is on this viewport now. */
  touched(): void;
  doubleClicked(): void;
}

const leftButton = 0;

/** A wheel notch; touchpads send many smaller ones, which are added up. */
const notchPixels = 40;
/** A notch goes as far as the hand does in this many pixels, where it changes the window. */
const windowPixels = 10;

/** Browsers tell of a double click about as soon as the finger is up. */
const tapsMs = 500;

/** Whether a button or field over the picture is meant. */
function isOnControl(event: Event): boolean {
  return event.target instanceof Element && event.target.closest('button, a, input') !== null;
}

/** Listens on the element until the returned function is called. */
export function listenToPointer(element: HTMLElement, view: ReaderView, tools: PointerTools): () => void {
  let dragging: Dragging | undefined;
  let before: ScreenPoint = [0, 0];
  let lastTouchMs = Number.NEGATIVE_INFINITY;
  let wheelRest = 0;

  const at = ({ clientX, clientY }: MouseEvent): ScreenPoint => {
    const { left, top } = element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };

  const toolFor = (event: PointerEvent): Dragging | undefined => {
    const { button, target } = event;
    const isInHand = button === leftButton && target instanceof Element;
    return tools.assigned(event) ?? (isInHand ? tools.active(target) : undefined);
  };

  const wheelDoes: Readonly<Record<Exclude<WheelAct, 'zoom'>, (notches: number) => void>> = {
    scroll: (notches) => view.scrollBy(notches),
    fastScroll: (notches) => view.scrollBy(notches * Math.max(1, Math.round(tools.frameCount() / 20))),
    windowWidth: (notches) => view.dragWindow(notches * windowPixels, 0),
    windowCenter: (notches) => view.dragWindow(0, notches * windowPixels),
  };

  const fingers = new TouchHand(view, tools, () => element.getBoundingClientRect());
  const touchOf = (event: PointerEvent): Touch => ({
    id: event.pointerId,
    at: at(event),
    target: event.target,
    timeMs: event.timeStamp,
  });

  const onDown = (event: PointerEvent) => {
    if (isOnControl(event)) {
      // Capturing the pointer would take its click away.
      return;
    }
    tools.touched();
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
    if (event.pointerType === 'touch') {
      fingers.down(touchOf(event));
      return;
    }
    dragging?.end?.(view, false, at(event));
    dragging = toolFor(event);
    dragging?.start?.(view, at(event));
    before = at(event);
  };

  const onMove = (event: PointerEvent) => {
    if (event.pointerType === 'touch') {
      fingers.move(touchOf(event));
    } else if (event.buttons === 0) {
      tools.hovered(at(event));
    } else if (dragging) {
      const now = at(event);
      const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
      before = now;
      const { height } = element.getBoundingClientRect();
      dragging.drag(view, { at: now, dx, dy, frameCount: tools.frameCount(), height });
    }
  };

  const onUp = (event: PointerEvent) => {
    const isDone = event.type === 'pointerup';
    if (event.pointerType === 'touch') {
      fingers.up(touchOf(event), isDone);
      lastTouchMs = event.timeStamp;
      return;
    }
    dragging?.end?.(view, isDone, at(event));
    dragging = undefined;
  };

  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    tools.touched();
    // Shift turns the wheel sideways in most browsers.
    const delta = event.deltaY || event.deltaX;
    const act = tools.wheelAct(event);
    if (act === 'zoom') {
      view.zoomBy(Math.exp(-delta / 500), at(event));
      return;
    }
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? delta : Math.sign(delta) * notchPixels;
    wheelRest = Math.sign(pixels) === Math.sign(wheelRest) ? wheelRest + pixels : pixels;
    if (Math.abs(wheelRest) >= notchPixels) {
      wheelDoes[act](Math.sign(wheelRest));
      wheelRest = 0;
    }
  };

  const onDoubleClick = (event: MouseEvent) => {
    const isOnAnnotation = event.target instanceof Element && event.target.closest('[data-annotation]') !== null;
    // Two taps of a finger are the hand's.
    const isTaps = event.timeStamp - lastTouchMs < tapsMs;
    if (event.button === leftButton && !isOnControl(event) && !isOnAnnotation && !isTaps) {
      tools.doubleClicked();
    }
  };

  const onMenu = (event: Event) => event.preventDefault();

  element.addEventListener('pointerdown', onDown);
  element.addEventListener('pointermove', onMove);
  element.addEventListener('pointerup', onUp);
  element.addEventListener('pointercancel', onUp);
  element.addEventListener('wheel', onWheel, { passive: false });
  element.addEventListener('dblclick', onDoubleClick);
  element.addEventListener('contextmenu', onMenu);
  return () => {
    fingers.release();
    element.removeEventListener('pointerdown', onDown);
    element.removeEventListener('pointermove', onMove);
    element.removeEventListener('pointerup', onUp);
    element.removeEventListener('pointercancel', onUp);
    element.removeEventListener('wheel', onWheel);
    element.removeEventListener('dblclick', onDoubleClick);
    element.removeEventListener('contextmenu', onMenu);
  };
}
