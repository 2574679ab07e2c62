import { expect, keepPicture, test } from './fixtures';
import { changedFrom, look, openStudy, windowOnScreen } from './picture';
import { studies } from './studies';

test('window presets are on the function keys and on the digits, and named with both in menu and help', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  const original = await look(page);
  await page.keyboard.press('F6');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 1500, center: -600 });
  await changedFrom(page, original);
  // The browser would load the page anew.
  await page.keyboard.press('F5');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 350, center: 50 });
  await page.keyboard.press('6');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 1500, center: -600 });

  await page.getByRole('button', { name: 'Cửa sổ đặt sẵn' }).click();
  await expect(page.getByRole('menuitem', { name: 'Xương thái dương' })).toContainText('4000 / 700');
  await expect(page.getByRole('menuitem', { name: 'Mạch máu' })).toContainText('F10');
  await keepPicture(page, 'tools-window-menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('F10');
});
