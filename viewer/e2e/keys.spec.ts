import type { Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { changedFrom, drawn, look, openStudy, windowOnScreen } from './picture';
import { studies } from './studies';

// The settings are the account's: other tests find none of these.
test.afterEach(async ({ signedIn: page, baseURL }) => {
  for (const name of ['keys', 'mouse']) {
    const headers = { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
    expect([204, 404]).toContain((await page.request.delete(`/api/settings/${name}`, { headers })).status());
  }
});

async function openChange(page: Page) {
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Phím tắt và chuột' });
  await dialog.getByRole('button', { name: 'Đổi phím và chuột' }).click();
  return dialog;
}

async function drag(page: Page, button: 'left' | 'right', dy: number): Promise<void> {
  await page.mouse.move(800, 450);
  await page.mouse.down({ button });
  await page.mouse.move(800, 450 + dy, { steps: 6 });
  await page.mouse.up({ button });
}

test('a key is given to another act by pressing it, refused where it is in use, kept, and given back', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  let dialog = await openChange(page);
  const add = dialog.getByRole('button', { name: 'Thêm phím cho “Đảo ngược màu”' });
  await add.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('h');
  await expect(dialog.getByRole('alert')).toHaveText('Phím H đang dùng cho “Lật ngang”. Hãy bỏ ở đó trước.');
  await expect(add).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('alert')).toContainText('Phím Tab là của trình duyệt');
  await page.keyboard.press('Enter');
  // Leaves the asking, not the dialog.
  await page.keyboard.press('Escape');
  await expect(add).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('~');
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Bỏ phím I khỏi “Đảo ngược màu”' }).click();
  await keepPicture(page, 'keys-change');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  const original = await look(page);
  await page.keyboard.press('i');
  await page.keyboard.press('~');
  const inverted = await changedFrom(page, original);
  await page.reload();
  await drawn(page);
  await page.keyboard.press('?');
  dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Đảo ngược màu').locator('..').locator('kbd')).toHaveText(['~']);
  await page.keyboard.press('Escape');
  // As it is after a reload, inverted or not, the key turns it round.
  const seen = await look(page);
  await page.keyboard.press('~');
  await changedFrom(page, seen);
  expect(inverted.digest).not.toBe(original.digest);

  dialog = await openChange(page);
  await dialog.getByRole('button', { name: 'Đặt lại “Đảo ngược màu”' }).click();
  await expect(dialog.getByRole('button', { name: 'Bỏ phím I khỏi “Đảo ngược màu”' })).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Đặt lại “Đảo ngược màu”' })).toHaveCount(0);
});

test('buttons and wheel do what the reader gives them to do, with a key held or without', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  const dialog = await openChange(page);
  await dialog.getByLabel('Kéo chuột phải', { exact: true }).selectOption('Phóng to, thu nhỏ');
  await dialog.getByLabel('Ctrl + kéo chuột trái').selectOption('Cuộn ảnh');
  await dialog.getByLabel('Con lăn', { exact: true }).selectOption('Độ rộng cửa sổ');
  await page.keyboard.press('Escape');

  const zoom = page.getByTestId('zoom');
  const before = await zoom.innerText();
  await drag(page, 'right', -80);
  await expect(zoom).not.toHaveText(before);
  await page.keyboard.down('Control');
  await drag(page, 'left', 200);
  await page.keyboard.up('Control');
  await expect(page.getByTestId('frame-position')).not.toHaveText(/^Ảnh 1 \//);
  const { width, center } = await windowOnScreen(page);
  await page.mouse.wheel(0, 120);
  await expect.poll(async () => (await windowOnScreen(page)).width).toBeGreaterThan(width);
  expect((await windowOnScreen(page)).center).toBe(center);

  const again = await openChange(page);
  await again.getByRole('button', { name: 'Đặt lại tất cả' }).click();
  await expect(again.getByLabel('Kéo chuột phải', { exact: true })).toHaveValue('window');
  await page.keyboard.press('Escape');
  await drag(page, 'right', 60);
  await expect.poll(async () => (await windowOnScreen(page)).center).not.toBe(center);
});
