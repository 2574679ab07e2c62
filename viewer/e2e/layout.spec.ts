import type { Locator, Page } from '@playwright/test';
import { test as base, expect, keepPicture, storeFiles } from './fixtures';
import { phantomStudy } from './phantom';
import { drawn, type Look, look } from './picture';
import { sameImage, studies } from './studies';

/** With the phantom in the archive, stored once. */
const test = base.extend<object, { phantom: string }>({
  phantom: [
    async ({ playwright, session }, use, { project }) => {
      const baseURL = project.use.baseURL ?? '';
      const request = await playwright.request.newContext({ baseURL, storageState: session });
      const { study, files } = phantomStudy({ patientName: 'PHANTOM^LAYOUT', patientId: 'E2E-LAYOUT' });
      await storeFiles(request, baseURL, files);
      await request.dispose();
      await use(study);
    },
    { scope: 'worker' },
  ],
});

function viewport(page: Page, place: number): Locator {
  return page.getByTestId('viewport').nth(place - 1);
}

function lookAt(page: Page, place: number): Promise<Look> {
  return look(page, `[data-testid="viewport"]:nth-child(${place}) [data-testid="picture"] canvas`);
}

/** Waits until these viewports have drawn something themselves. */
async function allDrawn(page: Page, places: readonly number[]): Promise<void> {
  for (const place of places) {
    await expect(viewport(page, place).getByTestId('frame-position')).toBeVisible({ timeout: 45_000 });
    await expect.poll(async () => (await lookAt(page, place)).brightest, { timeout: 45_000 }).toBeGreaterThan(20);
  }
}

async function chooseGrid(page: Page, rows: number, columns: number): Promise<void> {
  await page.getByRole('button', { name: 'Bố cục' }).click();
  await page.getByRole('button', { name: `${rows} × ${columns}` }).click();
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', String(rows * columns));
}

async function openPhantom(page: Page, study: string): Promise<void> {
  await page.goto(`/studies/${study}`);
  await drawn(page);
}

function active(page: Page): Locator {
  return page.locator('[data-testid="viewport"][data-active="true"]');
}

test('a grid shows the series of the study side by side, each with its own labels and scroll bar', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 1, 2);
  await allDrawn(page, [1, 2]);
  await keepPicture(page, 'layout-1x2');
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  for (const [place, name] of ['AX 4 MM', 'AX 8 MM', 'SAG', 'COR'].entries()) {
    await expect(viewport(page, place + 1).getByTestId('labels')).toContainText(name);
  }
  await expect(viewport(page, 3).getByTestId('orientation')).toHaveText('APHF');
  const counts = await page.getByTestId('stack-scroll-bar').evaluateAll((bars) => bars.map((bar) => bar.ariaValueMax));
  expect(counts).toEqual(['25', '13', '25', '25']);
  await keepPicture(page, 'layout-2x2');
});

test('the hand makes a viewport the active one: wheel, keys and list act on it alone', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await viewport(page, 2).getByTestId('picture').hover();
  await page.mouse.wheel(0, 100);
  await expect(viewport(page, 2)).toHaveAttribute('data-active', 'true');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 2 / 13');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 1 / 25');

  const others = [await lookAt(page, 1), await lookAt(page, 3)];
  await page.keyboard.press('i');
  await expect.poll(async () => (await lookAt(page, 2)).mean).toBeGreaterThan(100);
  expect([await lookAt(page, 1), await lookAt(page, 3)]).toEqual(others);

  await page.getByRole('button', { name: 'AX OTHER' }).click();
  await expect(viewport(page, 2).getByTestId('labels')).toContainText('AX OTHER');
  await expect.poll(() => new URL(page.url()).searchParams.get('series')).not.toBeNull();
});

test('without a mouse: the grid, the viewport and its series are chosen by keys', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await page.getByRole('button', { name: 'Bố cục' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '1 × 1' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', '2');
  await allDrawn(page, [1, 2]);

  await viewport(page, 1).getByTestId('picture').focus();
  await page.keyboard.press('ArrowRight');
  await expect(viewport(page, 2)).toHaveAttribute('data-active', 'true');
  await expect(viewport(page, 2).getByTestId('picture')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 2 / 13');

  await page.getByRole('button', { name: 'COR' }).focus();
  await page.keyboard.press('Enter');
  await expect(viewport(page, 2).getByTestId('labels')).toContainText('COR');
  await expect(viewport(page, 1).getByTestId('labels')).toContainText('AX 4 MM');
});

test('a series is dragged from the list to any viewport', async ({ signedIn: page, phantom }) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await page.getByRole('button', { name: 'AX OTHER' }).dragTo(viewport(page, 4).getByTestId('picture'));
  await expect(viewport(page, 4).getByTestId('labels')).toContainText('AX OTHER');
  await expect(viewport(page, 4)).toHaveAttribute('data-active', 'true');
  await expect(viewport(page, 1).getByTestId('labels')).toContainText('AX 4 MM');
  await allDrawn(page, [4]);
});

test('a double click gives one viewport the whole area, and another brings all back as they were', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await viewport(page, 3).getByTestId('picture').click();
  await page.keyboard.press('+');
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageDown');
  await allDrawn(page, [3]);
  const before = await Promise.all([1, 2, 3, 4].map((place) => lookAt(page, place)));

  await viewport(page, 3).getByTestId('picture').dblclick();
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', '1');
  await expect(viewport(page, 1)).toBeHidden();
  await expect(active(page).getByTestId('labels')).toContainText('SAG');
  await keepPicture(page, 'layout-one-up');
  await page.keyboard.press('u');
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', '4');
  await expect
    .poll(() => Promise.all([1, 2, 3, 4].map((place) => lookAt(page, place))), { timeout: 20_000 })
    .toEqual(before);
});

test('sixteen viewports draw, and fewer are not magnified afterwards', async ({ signedIn: page }) => {
  await page.goto(`/studies/${sameImage.study}`);
  await drawn(page);
  const alone = await look(page);
  await chooseGrid(page, 4, 4);
  await allDrawn(page, [1, 2, 3, 4]);
  await keepPicture(page, 'layout-4x4');
  await viewport(page, 16).getByTestId('picture').click();
  await page
    .getByRole('button', { name: /ax_asc_35sl/ })
    .last()
    .click();
  await allDrawn(page, [16]);
  await viewport(page, 1).getByTestId('picture').click();
  await chooseGrid(page, 1, 1);
  await expect.poll(async () => (await look(page)).digest, { timeout: 20_000 }).toBe(alone.digest);
});

test('what fails in one viewport leaves the others alone', async ({ signedIn: page, watch }) => {
  watch.allow(/\/metadata$/);
  await page.route(new RegExp(`${sameImage.series}/metadata$`), (route) => route.fulfill({ status: 500, body: '' }));
  await page.goto(`/studies/${sameImage.study}`);
  await chooseGrid(page, 2, 2);
  const failed = page.getByTestId('viewport').filter({ hasText: 'Không mở được tập ảnh' });
  await expect(failed).toHaveCount(1);
  await expect(page.getByTestId('viewport').getByTestId('frame-position')).toHaveCount(3);
  await page.unroute(new RegExp(`${sameImage.series}/metadata$`));
  await failed.getByRole('button', { name: 'Thử lại' }).click();
  await allDrawn(page, [1, 2, 3, 4]);
});

test('one series in two viewports is scrolled in each by itself', async ({ signedIn: page }) => {
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await drawn(page);
  await chooseGrid(page, 1, 2);
  await viewport(page, 2).getByTestId('picture').click();
  await page.getByRole('button', { name: /STD BRAIN/ }).click();
  await allDrawn(page, [1, 2]);
  await page.keyboard.press('End');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 9 / 9');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 1 / 9');
  const bars = page.getByTestId('stack-scroll-bar');
  for (const bar of [bars.first(), bars.last()]) {
    await expect(bar).toHaveAttribute('data-loaded', '9');
  }
});
