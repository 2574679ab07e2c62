import type { Page } from '@playwright/test';
import { account, expect, password, test } from './fixtures';
import { drawn, openStudy, windowOnScreen } from './picture';
import { studies } from './studies';

/** How the study is shown, in words of its labels. */
async function shownAs(page: Page) {
  await drawn(page);
  return {
    position: await page.getByTestId('frame-position').innerText(),
    window: await windowOnScreen(page),
    zoom: await page.getByTestId('zoom').innerText(),
    letters: await page.getByTestId('orientation').innerText(),
  };
}

test('a study is opened again as it was left: after a reload, and after signing in once more', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) {
    await page.keyboard.press(key);
  }
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 4 / 9');
  await drawn(page);
  await page.keyboard.press('F6');
  await page.keyboard.press('h');
  await page.keyboard.press('r');
  await page.keyboard.press('+');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 1500, center: -600 });
  const left = await shownAs(page);
  expect(left.letters).not.toBe('RLAP');

  await page.reload();
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 4 / 9');
  expect(await shownAs(page)).toEqual(left);

  // The session ends by itself; whoever left the study so comes back.
  await page.context().clearCookies();
  await page.reload();
  await page.getByLabel('Tài khoản', { exact: true }).fill(account);
  await page.getByLabel('Mật khẩu').fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 4 / 9');
  expect(await shownAs(page)).toEqual(left);

  // Signing out leaves nothing of it.
  await page.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect(page.getByLabel('Mật khẩu')).toBeVisible();
  await expect.poll(() => page.evaluate(() => sessionStorage.length)).toBe(0);
});
