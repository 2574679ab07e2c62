import type { Page } from '@playwright/test';

export interface Turned {
  /** How long it took, in milliseconds. */
  readonly elapsedMs: number;
  /** When Cornerstone, which both viewers draw with, had drawn a picture, in milliseconds. */
  readonly drawnMs: readonly number[];
}

/** Turns the wheel over this element by a notch with every frame of the screen, to and fro every so many notches. */
export function turnWheel(page: Page, selector: string, notches: number, toAndFro = notches): Promise<Turned> {
  return page.evaluate(
    async ({ selected, count, turn }) => {
      const element = document.querySelector(selected);
      if (element === null) {
        throw new Error(`there is no ${selected}`);
      }
      const { left, top, width, height } = element.getBoundingClientRect();
      const middle = { clientX: left + width / 2, clientY: top + height / 2 };
      const drawnMs: number[] = [];
      const note = () => drawnMs.push(performance.now());
      window.addEventListener('CORNERSTONE_IMAGE_RENDERED', note, true);
      const start = performance.now();
      for (let notch = 0; notch < count; notch += 1) {
        const deltaY = Math.floor(notch / turn) % 2 === 0 ? 100 : -100;
        element.dispatchEvent(new WheelEvent('wheel', { deltaY, ...middle, bubbles: true, cancelable: true }));
        await new Promise(requestAnimationFrame);
      }
      window.removeEventListener('CORNERSTONE_IMAGE_RENDERED', note, true);
      return { elapsedMs: performance.now() - start, drawnMs };
    },
    { selected: selector, count: notches, turn: toAndFro },
  );
}
