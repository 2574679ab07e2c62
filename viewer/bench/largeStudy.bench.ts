/**
 * A study of 3,500 slices where the browser says that the machine has 4 GB: how much memory it takes to open it, to read it from
 * end to end and to jump about in it. What is counted is what all processes of the browser hold for themselves or share (PSS).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, storeFiles, test } from '../e2e/fixtures';
import { drawn, picture } from '../e2e/picture';
import { noisyCt } from './noisyCt';
import { turnWheel } from './wheel';

const slices = 3500;
const atOnce = 100;
const limitMb = 2500;

/** A line of /proc of this process, none if it has ended. */
function told(process: string, file: string, line: RegExp): number | undefined {
  try {
    const [, value] = line.exec(readFileSync(`/proc/${process}/${file}`, 'utf8')) ?? [];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

/** Megabytes of the browser that this test started: of what descends from this process. */
function browserMegabytes(): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(processes.map((id) => [Number(id), told(id, 'status', /^PPid:\s*(\d+)/m)]));
  const isOurs = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === process.pid || isOurs(parent));
  };
  return processes
    .filter((id) => isOurs(Number(id)))
    .reduce((sum, id) => sum + (told(id, 'smaps_rollup', /^Pss:\s*(\d+) kB/m) ?? 0) / 1024, 0);
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
  await turnWheel(page, '[data-testid="picture"]', slices);
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
