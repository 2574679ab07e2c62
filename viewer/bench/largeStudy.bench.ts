/**
 * A study of 3,500 slices where the browser says that the machine has 4 GB: how much memory it takes to open it, to read it from
 * end to end and to jump about in it. What is counted is what all processes of the browser hold for themselves or share (PSS).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, storeFiles, test } from '../e2e/fixtures';
import { drawn, picture } from '../e2e/picture';
import { noisyCt } from './noisyCt';

const slices = 3500;
const atOnce = 100;
const limitMb = 2500;

/** Megabytes of the browser that these tests started: of every process with its executable. */
function browserMegabytes(): number {
  let kilobytes = 0;
  for (const process of readdirSync('/proc')) {
    if (!/^\d+$/.test(process)) {
      continue;
    }
    try {
      if (/chromium|chrome/.test(readFileSync(`/proc/${process}/comm`, 'utf8'))) {
        const rollup = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8');
        kilobytes += Number(/^Pss:\s*(\d+) kB/m.exec(rollup)?.[1] ?? 0);
      }
    } catch {
      // It ended while it was looked at.
    }
  }
  return kilobytes / 1024;
}

test('3,500 slices on a machine of 4 GB', async ({ signedIn: page, baseURL }) => {
  test.setTimeout(60 * 60_000);
  const { study, files } = noisyCt(slices);
  for (let at = 0; at < files.length; at += atOnce) {
    await storeFiles(page.request, baseURL, files.slice(at, at + atOnce));
  }
  await page.addInitScript(() => Object.defineProperty(navigator, 'deviceMemory', { get: () => 4 }));
  await page.goto('about:blank');
  const before = browserMegabytes();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, browserMegabytes());
  }, 250);

  const start = performance.now();
  await page.goto(`/studies/${study}`);
  await page.waitForSelector('[data-testid="quality"][data-level="full"]', { timeout: 120_000 });
  const openedS = (performance.now() - start) / 1000;
  await drawn(page);
  const opened = peak;

  const position = page.getByTestId('frame-position');
  const jumps: number[] = [];
  await picture(page).click();
  for (const [key, number] of [
    ['End', slices],
    ['Home', 1],
    ['End', slices],
    ['Home', 1],
  ] as const) {
    const from = performance.now();
    await page.keyboard.press(key);
    await expect(position).toContainText(`${number} / ${slices}`);
    await expect(page.locator('[data-testid="quality"][data-level="full"]')).toBeVisible();
    jumps.push(performance.now() - from);
  }
  // From end to end: a turn of the wheel with every frame of the screen.
  const reading = performance.now();
  await page.evaluate(async (steps) => {
    const surface = document.querySelector('[data-testid="picture"]');
    const { left, top, width, height } = surface?.getBoundingClientRect() ?? new DOMRect();
    const middle = { clientX: left + width / 2, clientY: top + height / 2 };
    for (let step = 0; step < steps; step += 1) {
      surface?.dispatchEvent(new WheelEvent('wheel', { deltaY: 100, ...middle, bubbles: true, cancelable: true }));
      await new Promise(requestAnimationFrame);
    }
  }, slices);
  await expect(position).toContainText(`${slices} / ${slices}`, { timeout: 120_000 });
  await expect(page.locator('[data-testid="quality"][data-level="full"]')).toBeVisible();
  const readS = (performance.now() - reading) / 1000;
  await expect(page.getByTestId('frame-failure')).toHaveCount(0);
  clearInterval(watch);
  jumps.sort((a, b) => a - b);
  console.log(
    [
      `${slices} slices: first without loss after ${openedS.toFixed(1)} s, a jump from end to end ${jumps[0]?.toFixed(0)} to ${jumps.at(-1)?.toFixed(0)} ms, all read in ${readS.toFixed(0)} s`,
      `browser: ${before.toFixed(0)} MB empty, at most ${opened.toFixed(0)} MB when opened, at most ${peak.toFixed(0)} MB in all`,
    ].join('\n'),
  );
  expect(peak).toBeLessThan(limitMb);
});
