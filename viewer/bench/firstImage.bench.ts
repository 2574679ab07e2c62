/**
 * First picture, first lossless image and full stack of a study, ours beside OHIF: one server, one study, one run. On this
 * machine as it is, and at 1.6 Mbit/s with 150 ms from there and back. Times are of one run each; bytes are repeatable.
 */
import type { Page } from '@playwright/test';
import { expect, storeFiles, test } from '../e2e/fixtures';
import { noisyCt } from './noisyCt';
import { ohifPicture, serveOhif } from './ohif';

const slices = 60;
const slow = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 200_000 };
const none = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };

/** What came over the line until now. */
interface Count {
  scripts: number;
  all: number;
  /** Frames whose bytes are here. */
  readonly frames: Set<string>;
}

/** Seconds until something was there, and kilobytes that had come by then. */
interface Measured {
  readonly pictureS: number;
  readonly losslessS: number;
  readonly stackS: number | undefined;
  readonly pictureScriptKb: number;
  readonly losslessScriptKb: number;
  readonly losslessKb: number;
}

async function counting(page: Page, line: typeof slow): Promise<Count> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', line);
  const count: Count = { scripts: 0, all: 0, frames: new Set() };
  const kinds = new Map<string, { url: string; isCached: boolean }>();
  cdp.on('Network.responseReceived', ({ requestId, response }) => {
    const isCached = response.fromDiskCache === true || response.fromPrefetchCache === true;
    kinds.set(requestId, { url: response.url, isCached });
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const { url = '', isCached = false } = kinds.get(requestId) ?? {};
    const bytes = isCached ? 0 : encodedDataLength;
    count.all += bytes;
    count.scripts += /\.(js|wasm)$/.test(new URL(url).pathname) ? bytes : 0;
    if (/\/frames\/\d+$/.test(url)) {
      count.frames.add(url);
    }
  });
  return count;
}

/** How it is seen in the page that a picture is there, and that the one without loss is. */
interface Marks {
  readonly picture?: string;
  lossless(page: Page): Promise<unknown>;
}

/** Opens the page; says when there was a picture and when the real one, both seen in the page, not asked of the network. */
async function measure(
  page: Page,
  address: string,
  line: typeof slow,
  marks: Marks,
  withStack: boolean,
): Promise<Measured> {
  const count = await counting(page, line);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  await page.goto(address, { waitUntil: 'commit', timeout: 300_000 });
  let picture: readonly [seconds: number, scriptKb: number] | undefined;
  if (marks.picture !== undefined) {
    await page.waitForSelector(marks.picture, { timeout: 300_000 });
    picture = [seconds(), count.scripts / 1000];
  }
  await marks.lossless(page);
  const [losslessS, losslessScriptKb, losslessKb] = [seconds(), count.scripts / 1000, count.all / 1000];
  // Who has no earlier picture has this one.
  const [pictureS, pictureScriptKb] = picture ?? [losslessS, losslessScriptKb];
  let stackS: number | undefined;
  if (withStack) {
    await expect.poll(() => count.frames.size, { timeout: 600_000, intervals: [100] }).toBe(slices);
    stackS = seconds();
  }
  return { pictureS, losslessS, stackS, pictureScriptKb, losslessScriptKb, losslessKb };
}

const columns: readonly (readonly [head: string, of: keyof Measured, unit: string])[] = [
  ['picture', 'pictureS', 's'],
  ['lossless', 'losslessS', 's'],
  ['stack', 'stackS', 's'],
  ['script (1)', 'pictureScriptKb', 'kB'],
  ['script (2)', 'losslessScriptKb', 'kB'],
  ['all (2)', 'losslessKb', 'kB'],
];

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(32) + cells.map((cell) => cell.padStart(12)).join('');
}

function figures(name: string, measured: Measured): string {
  const text = (value: number | undefined, unit: string) =>
    value === undefined ? '–' : `${value.toFixed(unit === 's' ? 2 : 0)} ${unit}`;
  return row(
    name,
    columns.map(([, of, unit]) => text(measured[of], unit)),
  );
}

/** How many times as much the other needs. */
function ratios(name: string, ours: Measured, theirs: Measured): string {
  return row(
    name,
    columns.map(([, of]) => {
      const [less, more] = [ours[of], theirs[of]];
      return less === undefined || more === undefined || less === 0 ? '–' : `× ${(more / less).toFixed(1)}`;
    }),
  );
}

test('first image and full stack', async ({ browser, page, session, baseURL }) => {
  test.setTimeout(60 * 60_000);
  const origin = new URL(baseURL ?? '');
  const signedIn = await browser.newContext({ storageState: session, baseURL: origin.href });
  const { study, files } = noisyCt(slices);
  await storeFiles(signedIn.request, baseURL, files);
  await signedIn.close();
  await page.close();

  const ohif = await serveOhif(origin);
  const ours = {
    address: `${origin.origin}/studies/${study}`,
    picture: '#lite[data-level="preview"]',
    lossless: (page: Page) => page.waitForSelector('[data-testid="quality"][data-level="full"]', { timeout: 300_000 }),
  };
  const theirs = {
    address: ohif.address(study),
    lossless: (page: Page) => ohifPicture(page, 300_000, [50]),
  };
  const measured = new Map<string, Measured>();
  for (const [name, viewer] of [
    ['Filmless', ours],
    ['OHIF', theirs],
  ] as const) {
    for (const [where, conditions, withStack] of [
      ['here', none, true],
      ['slow line', slow, true],
    ] as const) {
      // A browser of its own each time: nothing is cached.
      const context = await browser.newContext({ storageState: session, viewport: { width: 1440, height: 900 } });
      const cold = await context.newPage();
      measured.set(`${name}, ${where}, cold`, await measure(cold, viewer.address, conditions, viewer, withStack));
      await cold.close();
      // The app is there; the frames that came with it are as well, so another study is opened.
      const other = noisyCt(1);
      await storeFiles(context.request, baseURL, other.files);
      const warm = await context.newPage();
      const address = viewer.address.replace(study, other.study);
      measured.set(`${name}, ${where}, app cached`, await measure(warm, address, conditions, viewer, false));
      await context.close();
    }
  }
  ohif.close();
  const lines = [...measured].map(([name, one]) => figures(name, one));
  for (const [name, one] of measured) {
    const other = measured.get(name.replace('Filmless', 'OHIF'));
    if (other && other !== one) {
      lines.push(ratios(name.replace('Filmless', 'OHIF / Filmless'), one, other));
    }
  }
  const head = columns.map(([name]) => name);
  console.log([row('', head), ...lines, '(1) until the first picture, (2) until the first without loss'].join('\n'));
});
