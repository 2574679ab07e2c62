import type { Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { openStudy } from './picture';
import { studies } from './studies';

// The setting is the account's: other tests find none.
test.afterEach(async ({ signedIn: page, baseURL }) => {
  const headers = { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
  expect([204, 404]).toContain((await page.request.delete('/api/settings/theme', { headers })).status());
});

/** How bright the page is behind all that is on it, from 0 to 255. */
const brightness = (page: Page) =>
  page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)?.[0]));

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Màu giao diện' }).click();
  await page.getByRole('dialog', { name: 'Màu giao diện' }).getByRole('button', { name }).click();
  await page.keyboard.press('Escape');
}

test('lists are light for whoever wants it, on every device; pictures are read in the dark', async ({
  signedIn: page,
}) => {
  await page.goto('/');
  await expect(page.getByRole('grid')).toBeVisible();
  expect(await brightness(page)).toBeLessThan(30);
  await choose(page, 'Sáng');
  await expect.poll(() => brightness(page)).toBeGreaterThan(230);
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await keepPicture(page, 'theme-light-list');

  await openStudy(page, studies.ctHeadPhantom);
  expect(await brightness(page)).toBeLessThan(30);
  await page.getByRole('link', { name: 'Về danh sách ca chụp' }).click();
  await expect.poll(() => brightness(page)).toBeGreaterThan(230);

  // Kept with the account: a browser that knows nothing of it yet asks the server.
  await page.evaluate(() => localStorage.clear());
  await page.goto('/orders');
  await expect.poll(() => brightness(page)).toBeGreaterThan(230);
  await keepPicture(page, 'theme-light-orders');

  await choose(page, 'Theo thiết bị');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => brightness(page)).toBeLessThan(30);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => brightness(page)).toBeGreaterThan(230);
});
