/** Reading on a phone held upright, by fingers: touch events as the browser gets them from a screen. */
import type { CDPSession, Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { look, windowOnScreen } from './picture';
import { sameImage, studies } from './studies';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

test.beforeEach(async ({ page }) => {
  // On a phone the full viewer is for those who chose it.
  await page.addInitScript(() => localStorage.setItem('filmless.tier', 'full'));
});

type Point = readonly [x: number, y: number];

/** Fingers that go along these ways at the same time. */
async function touch(session: CDPSession, ways: readonly (readonly [from: Point, to: Point])[]): Promise<void> {
  const steps = 8;
  const at = (step: number) =>
    ways.map(([from, to], id) => ({
      id,
      x: from[0] + ((to[0] - from[0]) * step) / steps,
      y: from[1] + ((to[1] - from[1]) * step) / steps,
    }));
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
  for (let step = 1; step <= steps; step += 1) {
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(step) });
  }
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

async function tap(session: CDPSession, at: Point): Promise<void> {
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: at[0], y: at[1] }] });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

/** Waits until an image is drawn; a narrow picture has fewer labels than others. */
async function shown(page: Page): Promise<void> {
  await expect(page.getByTestId('frame-position')).toBeVisible();
  await expect.poll(async () => (await look(page)).brightest).toBeGreaterThan(20);
}

async function box(page: Page, name: string) {
  const found = await page.getByTestId(name).boundingBox();
  if (!found) {
    throw new Error(`no ${name}`);
  }
  return found;
}

test('a phone shows an image two taps from the list, tools in a sheet, series in a strip below', async ({
  signedIn: page,
}) => {
  await page.goto('/?q=head&modality=CT');
  await page.getByRole('row').filter({ hasText: 'HEAD' }).first().tap();
  await shown(page);
  const picture = await box(page, 'picture');
  expect(picture.width).toBeGreaterThan(360);
  expect(picture.height).toBeGreaterThan(450);
  const patient = await page.getByRole('heading', { level: 1 }).boundingBox();
  expect(patient?.width, 'room for a name').toBeGreaterThan(80);
  expect(await page.getByRole('heading', { level: 1 }).evaluate((name) => name.scrollWidth - name.clientWidth)).toBe(0);
  const strip = await page.getByRole('navigation', { name: 'Các tập ảnh' }).boundingBox();
  expect(strip?.y).toBeGreaterThanOrEqual(picture.y + picture.height - 1);
  await keepPicture(page, 'phone-study');

  const small = await page.evaluate(() =>
    [...document.querySelectorAll('[role=toolbar] button, header a, header button, nav button')].flatMap((button) => {
      const { width, height } = button.getBoundingClientRect();
      return width > 0 && (width < 44 || height < 44)
        ? [`${button.getAttribute('aria-label')} ${width}×${height}`]
        : [];
    }),
  );
  expect(small, 'a finger needs 44 pixels').toEqual([]);

  await page.getByRole('button', { name: 'Tất cả công cụ' }).tap();
  const sheet = page.getByRole('dialog', { name: 'Công cụ' });
  await expect(sheet.getByRole('button', { name: 'Đo khoảng cách' })).toBeVisible();
  await keepPicture(page, 'phone-tools');
  await sheet.getByRole('button', { name: 'Lật ngang' }).tap();
  await expect(sheet).toHaveCount(0);
  await expect(page.getByTestId('orientation')).toHaveText('LRAP');
});

test('fingers scroll, zoom, move, change the window, fit, and go to other series', async ({ signedIn: page }) => {
  await page.goto(`/studies/${studies.mrSagittal}`);
  await shown(page);
  const session = await page.context().newCDPSession(page);
  const position = page.getByTestId('frame-position');
  const zoom = page.getByTestId('zoom');
  const { x, y, width, height } = await box(page, 'picture');
  const [cx, cy] = [x + width / 2, y + height / 2];

  const first = await position.innerText();
  await touch(session, [
    [
      [cx, cy - 80],
      [cx, cy + 120],
    ],
  ]);
  await expect(position).not.toHaveText(first);

  const fitted = await zoom.innerText();
  await touch(session, [
    [
      [cx - 30, cy],
      [cx - 90, cy],
    ],
    [
      [cx + 30, cy],
      [cx + 90, cy],
    ],
  ]);
  await expect(zoom).not.toHaveText(fitted);
  await tap(session, [cx, cy]);
  await tap(session, [cx, cy]);
  await expect(zoom).toHaveText(fitted);

  const windowed = await windowOnScreen(page);
  await touch(session, [
    [
      [cx - 40, cy],
      [cx + 40, cy],
    ],
    [
      [cx + 40, cy],
      [cx + 120, cy],
    ],
  ]);
  await expect.poll(async () => (await windowOnScreen(page)).width).toBeGreaterThan(windowed.width + 20);
  await expect(zoom).toHaveText(fitted);

  const before = await windowOnScreen(page);
  const resting = await position.innerText();
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: cx, y: cy }] });
  // A finger that trembles rests, until it has rested long enough: then it changes the window.
  let dx = 0;
  await expect
    .poll(async () => {
      dx = 3 - dx;
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: cx + dx, y: cy }] });
      return windowOnScreen(page);
    })
    .not.toEqual(before);
  await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: cx + 60, y: cy + 30 }] });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect.poll(async () => (await windowOnScreen(page)).width).toBeGreaterThan(before.width + 20);
  await expect(position).toHaveText(resting);

  await page.goto(`/studies/${sameImage.study}`);
  await shown(page);
  const address = page.url();
  const side = x + width - 10;
  await touch(session, [
    [
      [side - 10, cy],
      [side - 160, cy],
    ],
  ]);
  await expect(page).not.toHaveURL(address);
  await shown(page);
  const next = page.url();
  await touch(session, [
    [
      [x + 10, cy],
      [x + 160, cy],
    ],
  ]);
  await expect(page).not.toHaveURL(next);
});

test('a finger that measures sees what it covers, in a loupe above it with a cross on the point', async ({
  signedIn: page,
}) => {
  await page.goto(`/studies/${studies.mrSagittal}`);
  await shown(page);
  await page.getByRole('button', { name: 'Tất cả công cụ' }).tap();
  await page.getByRole('dialog', { name: 'Công cụ' }).getByRole('button', { name: 'Đo khoảng cách' }).tap();
  const session = await page.context().newCDPSession(page);
  const { x, y, width, height } = await box(page, 'picture');
  const [cx, cy] = [x + width / 2, y + height / 2];
  const loupe = page.getByTestId('loupe');
  const finger = (type: 'touchStart' | 'touchMove', dx: number, dy: number) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: cx + dx, y: cy + dy }] });
  await finger('touchStart', 0, 0);
  for (const part of [0.25, 0.5, 0.75, 1]) {
    await finger('touchMove', 60 * part, 40 * part);
  }
  await expect(loupe).toBeVisible();
  // The browser tells of a finger once a frame: the loupe may be a step behind.
  await expect
    .poll(async () => {
      const seen = await box(page, 'loupe');
      return Math.round(seen.x + seen.width / 2 - cx);
    })
    .toBe(60);
  const seen = await box(page, 'loupe');
  expect(seen.y + seen.height).toBeLessThan(cy + 40 - 20);
  await expect(loupe).toHaveAttribute('data-aimed', '');
  await keepPicture(page, 'phone-loupe');
  // At the upper edge there is room only at its side.
  await finger('touchMove', 60, -cy + y + 4);
  await expect.poll(async () => (await box(page, 'loupe')).x).toBeLessThan(cx + 60 - 140);
  await finger('touchMove', 60, 40);
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect(loupe).toBeHidden();
  await expect(page.getByTestId('picture')).toContainText(/\d mm/);
});
