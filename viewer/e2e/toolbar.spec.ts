import type { Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { changedFrom, look, openStudy } from './picture';
import { studies } from './studies';

const bar = (page: Page) => page.getByRole('toolbar', { name: 'Công cụ' });
const more = (page: Page) => bar(page).getByRole('button', { name: 'Công cụ khác' });

/** The names of what is on the bar, if all of it is in sight; a button that is not is named as out of sight. */
function inSight(page: Page): Promise<string[]> {
  return bar(page).evaluate((element) => {
    const room = element.getBoundingClientRect();
    return [...element.querySelectorAll('button')].map((button) => {
      const { left, right } = button.getBoundingClientRect();
      const isIn = left >= room.left && right <= Math.min(room.right, window.innerWidth);
      return `${isIn ? '' : 'out of sight: '}${button.getAttribute('aria-label')}`;
    });
  });
}

test('no tool is out of sight on screens of any width: what does not fit is in a menu, by keys as well', async ({
  signedIn: page,
}) => {
  await page.setViewportSize({ width: 2300, height: 900 });
  await openStudy(page, studies.ctHeadPhantom);
  await expect(more(page)).toHaveCount(0);
  const all = await inSight(page);
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter((name) => name.startsWith('out of sight'))).toEqual([]);

  for (const [width, height] of [
    [1440, 900],
    [1366, 768],
    [1280, 720],
    [800, 600],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect
      .poll(async () => (await inSight(page)).filter((name) => name.startsWith('out of sight')), {
        message: `${width}`,
      })
      .toEqual([]);
    await more(page).focus();
    await page.keyboard.press('Enter');
    const listed = await page.getByRole('menu').getByRole('menuitem').allInnerTexts();
    await keepPicture(page, `toolbar-${width}`);
    await page.keyboard.press('Escape');
    const onBar = (await inSight(page)).filter((name) => name !== 'Công cụ khác');
    expect(onBar.length + listed.length, `all tools at ${width}`).toBe(all.length);
    if (width >= 1280) {
      expect(onBar).toEqual(expect.arrayContaining(['In', 'Phím tắt và chuột']));
    }
  }

  const before = await look(page);
  await expect(more(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Lật');
  await expect(page.getByRole('menuitem', { name: 'Lật ngang' })).toBeFocused();
  await page.keyboard.press('Enter');
  await changedFrom(page, before);
  await expect(page.getByTestId('orientation')).toHaveText('LRAP');
});
