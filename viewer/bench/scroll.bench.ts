/**
 * How fluently frames of 512 by 512 that are decoded already are scrolled, ours beside OHIF: a turn of the wheel with every
 * frame of the screen, to and fro. Without a graphics card this is what the processor draws.
 */
import type { Page } from '@playwright/test';
import { expect, storeFiles, test } from '../e2e/fixtures';
import { noisyCt } from './noisyCt';
import { ohifPicture, serveOhif } from './ohif';
import { turnWheel } from './wheel';

const slices = 60;
const notches = 160;

/** What was drawn while the wheel turned. */
interface Scrolled {
  /** Frames of the screen that the browser offered, in a second. */
  readonly offered: number;
  /** Pictures drawn in a second. */
  readonly drawn: number;
  /** Milliseconds between two pictures: the middle one, and what one in twenty exceeds. */
  readonly medianMs: number;
  readonly slowMs: number;
}

/** Turns the wheel over this element, to and fro, and counts what is drawn. */
async function scroll(page: Page, selector: string): Promise<Scrolled> {
  const { elapsedMs, drawnMs } = await turnWheel(page, selector, notches, slices - 10);
  const gaps = drawnMs
    .slice(1)
    .map((moment, at) => moment - (drawnMs[at] ?? moment))
    .sort((a, b) => a - b);
  const quantile = (share: number) => gaps[Math.floor(gaps.length * share)] ?? Number.NaN;
  return {
    offered: (1000 * notches) / elapsedMs,
    drawn: (1000 * drawnMs.length) / elapsedMs,
    medianMs: quantile(0.5),
    slowMs: quantile(0.95),
  };
}

test('scrolling what is decoded', async ({ signedIn: page, session, browser, baseURL }) => {
  test.setTimeout(15 * 60_000);
  const origin = new URL(baseURL ?? '');
  const { study, files } = noisyCt(slices);
  await storeFiles(page.request, baseURL, files);

  const here = new Set<string>();
  const noteFrames = (viewed: Page) => {
    here.clear();
    viewed.on('requestfinished', (request) => {
      if (/\/frames\/\d+$/.test(request.url())) {
        here.add(request.url());
      }
    });
  };
  noteFrames(page);
  await page.goto(`/studies/${study}`);
  await page.waitForSelector('[data-testid="quality"][data-level="full"]');
  await expect.poll(() => here.size, { timeout: 120_000 }).toBe(slices);
  // Once to and fro, so that nothing is done for the first time.
  await scroll(page, '[data-testid="picture"]');
  const ours = await scroll(page, '[data-testid="picture"]');
  await page.close();

  const ohif = await serveOhif(origin);
  const context = await browser.newContext({ storageState: session, viewport: { width: 1440, height: 900 } });
  const other = await context.newPage();
  noteFrames(other);
  await other.goto(ohif.address(study));
  await ohifPicture(other, 300_000);
  await expect.poll(() => here.size, { timeout: 300_000 }).toBe(slices);
  await scroll(other, '.cornerstone-viewport-element');
  const theirs = await scroll(other, '.cornerstone-viewport-element');
  await context.close();
  ohif.close();

  const line = (name: string, { offered, drawn, medianMs, slowMs }: Scrolled) =>
    `${name.padEnd(10)} ${drawn.toFixed(1)} pictures/s of ${offered.toFixed(1)} offered, ${medianMs.toFixed(1)} ms between two, 5 % above ${slowMs.toFixed(1)} ms`;
  console.log(
    [
      line('Filmless', ours),
      line('OHIF', theirs),
      `Filmless / OHIF: × ${(ours.drawn / theirs.drawn).toFixed(1)} pictures`,
    ].join('\n'),
  );
});
