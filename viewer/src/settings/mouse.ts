/** What the mouse does on the picture: which tool each button works, and what the wheel does, with a key held or without. */
import * as v from 'valibot';

const buttons = ['left', 'middle', 'right'] as const;
const modifiers = ['ctrl', 'shift', 'alt'] as const;

/** Left alone works the tool in the hand. */
export const dragInputs = [
  'ctrl+left',
  'shift+left',
  'alt+left',
  'middle',
  'ctrl+middle',
  'shift+middle',
  'right',
  'ctrl+right',
  'shift+right',
] as const;
export type DragInput = (typeof dragInputs)[number];

export const wheelInputs = ['wheel', 'ctrl+wheel', 'shift+wheel', 'alt+wheel'] as const;
export type WheelInput = (typeof wheelInputs)[number];

export const wheelActs = ['scroll', 'fastScroll', 'zoom', 'windowWidth', 'windowCenter'] as const;
export type WheelAct = (typeof wheelActs)[number];

/** What is in the hand when a study is opened: half of those who read want to scroll, the others the window. */
export const leftDrags = ['window', 'scroll', 'zoom', 'pan'] as const;

/** As without the key that is held. */
export const plain = 'plain';

export interface Mouse {
  readonly leftDrag: (typeof leftDrags)[number];
  /** Ids of dragging tools. */
  readonly drags: Readonly<Partial<Record<DragInput, string>>>;
  readonly wheel: Readonly<Partial<Record<WheelInput, WheelAct | typeof plain>>>;
}

export const mouseSetting = 'mouse';

export const usualMouse: Mouse = {
  leftDrag: 'window',
  drags: { middle: 'pan', right: 'window' },
  wheel: { wheel: 'scroll', 'ctrl+wheel': 'zoom', 'shift+wheel': 'fastScroll' },
};

/** Each part alone: what an earlier version wrote lacks some. */
const mouseSchema = v.object({
  leftDrag: v.fallback(v.picklist(leftDrags), usualMouse.leftDrag),
  drags: v.fallback(v.record(v.picklist(dragInputs), v.string()), {}),
  wheel: v.fallback(v.record(v.picklist(wheelInputs), v.picklist([...wheelActs, plain])), {}),
});

type Held = Pick<MouseEvent, 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

function heldOf(event: Held): string[] {
  const isHeld = { ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey, alt: event.altKey };
  return modifiers.filter((modifier) => isHeld[modifier]).map((modifier) => `${modifier}+`);
}

/** The first of the inputs that somebody gave something to do. */
function assigned<Act>(acts: Readonly<Record<string, Act | undefined>>, event: Held, input: string): Act | undefined {
  const found = [...heldOf(event), ''].map((prefix) => acts[prefix + input]);
  return found.find((act) => act !== undefined && act !== plain);
}

/** The id of the tool that a button works; none for the tool in the hand, or a button that nothing is known of. */
export function heldTool({ drags }: Mouse, event: Held & Pick<MouseEvent, 'button'>): string | undefined {
  const button = buttons[event.button];
  return button && assigned(drags, event, button);
}

export function wheelActOf({ wheel }: Mouse, event: Held): WheelAct {
  const act = assigned(wheel, event, 'wheel');
  return act === undefined || act === plain ? 'scroll' : act;
}

/** The mouse as the reader has it. */
export function mouseOf(settings: Readonly<Record<string, unknown>> | undefined): Mouse {
  const parsed = v.safeParse(mouseSchema, settings?.[mouseSetting]);
  return parsed.success
    ? {
        leftDrag: parsed.output.leftDrag,
        drags: { ...usualMouse.drags, ...parsed.output.drags },
        wheel: { ...usualMouse.wheel, ...parsed.output.wheel },
      }
    : usualMouse;
}
