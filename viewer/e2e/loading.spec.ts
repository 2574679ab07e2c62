/** What comes over the line before a picture, and in which order: counted, not timed. */
import { brotliCompressSync } from 'node:zlib';
import type { APIRequestContext, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { openStudy, picture } from './picture';
import { sameImage, studies } from './studies';

/** Bytes on the line, as the build compresses: of quick pictures, and of all that is there with the first frame without loss. */
const budgets = { quick: 20_000, full: 850_000 };

/** What a page asks for, in its order. */
class Line {
  readonly paths: string[] = [];

  constructor(page: Page) {
    page.on('request', (request) => this.paths.push(new URL(request.url()).pathname));
  }

  /** Bytes of the scripts, styles and decoders that were asked for until now. */
  async code(request: APIRequestContext): Promise<number> {
    const files = new Set(this.paths.filter((path) => /\.(js|css|wasm)$/.test(path)));
    const sizes = await Promise.all(
      [...files].map(async (path) => brotliCompressSync(await (await request.get(path)).body()).length),
    );
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Frames and rendered pictures, in the order in which they were asked for. */
  get pictures(): string[] {
    return this.paths.filter((path) => /\/(frames|rendered|thumbnail)(\/|$)/.test(path));
  }
}

test('quick pictures need next to no script, and nothing that they do not show', async ({ signedIn: page }) => {
  const line = new Line(page);
  await page.goto(`/studies/${studies.ctHeadPhantom}?tier=lite`);
  await expect(page.locator('#place')).toHaveText(/^Ảnh 1 \//);
  await expect(page.locator('#lite')).toHaveAttribute('data-level', 'preview');
  const code = await line.code(page.request);
  expect(code).toBeGreaterThan(5_000);
  expect(code).toBeLessThanOrEqual(budgets.quick);
  const series = await page.locator('#stage').getAttribute('data-series');
  const other = line.pictures.find((path) => !path.includes(`/series/${series}/`));
  expect(other, 'a picture of another series').toBeUndefined();
});

test('the first image of the wanted series comes before any other, and with a bounded amount of code', async ({
  signedIn: page,
}) => {
  const list = await page.request.get(`/dicom-web/studies/${sameImage.study}/series`, {
    headers: { Accept: 'application/dicom+json' },
  });
  const all = ((await list.json()) as { '0020000E': { Value: string[] } }[]).map((one) => one['0020000E'].Value[0]);
  // Its first image is stored as it is, so that it comes in the form of a slow line, with the decoder of that. The others, which
  // need decoders of their own, wait until the code is counted.
  const wanted = sameImage.series;
  expect(all.length).toBeGreaterThan(1);
  expect(all.indexOf(wanted)).toBeGreaterThan(0);

  const line = new Line(page);
  let letOthersCome = () => {};
  const counted = new Promise<void>((resolve) => {
    letOthersCome = resolve;
  });
  await page.route(/\/frames\/\d+$/, async (route) => {
    if (new URL(route.request().url()).pathname !== line.pictures[0]) {
      await counted;
    }
    await route.continue();
  });
  await page.goto(`/studies/${sameImage.study}?series=${wanted}`, { waitUntil: 'commit' });
  const html = await (await page.request.get(`/studies/${sameImage.study}?series=${wanted}`)).text();
  expect(html).toContain('<img id="first" alt="" src="data:image/jpeg;base64,');
  const { opening } = JSON.parse(/id="state">(.*?)<\/script>/.exec(html)?.[1] ?? '{}') as {
    opening: { series: string; instance: string; frame: number };
  };
  expect(opening.series).toBe(wanted);

  await expect(page.getByTestId('quality')).toHaveAttribute('data-level', 'full', { timeout: 60_000 });
  expect(await line.code(page.request)).toBeLessThanOrEqual(budgets.full);
  letOthersCome();
  const [first] = line.pictures;
  expect(first).toContain(`/series/${wanted}/instances/${opening.instance}/frames/${opening.frame}`);
  const frames = line.paths.filter((path) => path === first);
  expect(frames.length, 'asked for once, but for what the browser kept').toBeLessThanOrEqual(2);
});

test('a connection that is lost is said, and what is missing comes by itself when it is back', async ({
  signedIn: page,
  watch,
}) => {
  watch.allow(/\/frames\//);
  const wanted: string[] = [];
  let isLost = false;
  await page.route(/\/frames\/\d+$/, async (route) => {
    const { pathname } = new URL(route.request().url());
    // The first is there; the line is lost before any other comes.
    if (isLost || (wanted.length > 0 && !wanted.includes(pathname))) {
      isLost = true;
      await route.abort('internetdisconnected');
    } else {
      wanted.push(pathname);
      await route.continue();
    }
  });
  await openStudy(page, studies.ctHeadPhantom);
  await picture(page).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('frame-failure')).toContainText('Không hiện được ảnh 2');
  await page.unroute(/\/frames\/\d+$/);
  await expect(page.getByTestId('frame-failure')).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByTestId('quality')).toHaveAttribute('data-level', 'full');
  await page.keyboard.press('End');
  await expect(page.getByTestId('quality')).toHaveAttribute('data-level', 'full');
  await expect(page.getByTestId('frame-failure')).toHaveCount(0);
});
