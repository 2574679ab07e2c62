/**
 * Every screen as axe-core sees it, dark and light, on a desk and on a phone: names, roles, contrast. What it calls serious or
 * critical fails. Where dialogs give the focus back is asked here as well.
 */
import type { Page } from '@playwright/test';
import { faults } from './faults';
import { expect, keepPicture, keepSetting, test } from './fixtures';
import { look, openStudy } from './picture';
import { studies } from './studies';

test.afterEach(async ({ signedIn: page, baseURL }) => {
  const headers = { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
  expect([204, 404]).toContain((await page.request.delete('/api/settings/theme', { headers })).status());
});

/** Pages by their addresses, and what shows that they are there. */
const pages = [
  ['/', 'grid'],
  ['/orders', 'heading'],
  ['/machines', 'heading'],
  ['/machines/reports', 'heading'],
  ['/machines/exports', 'heading'],
  ['/machines/accounts', 'heading'],
  ['/account', 'heading'],
  ['/forwarding', 'heading'],
  ['/remote', 'heading'],
  ['/about', 'heading'],
  ['/nowhere', 'status'],
] as const;

async function faultsOfPages(page: Page, theme: string): Promise<string[]> {
  const found: string[] = [];
  for (const [address, role] of pages) {
    await page.goto(address);
    await expect(page.getByRole(role).first()).toBeVisible();
    await expect(page.getByText('Đang tải…')).toHaveCount(0);
    found.push(...(await faults(page, `${theme} ${address}`)));
  }
  return found;
}

test('signing in is without faults, in the light as well', async ({ page }) => {
  const found: string[] = [];
  for (const theme of ['dark', 'light']) {
    await page.goto('/');
    await page.evaluate((chosen) => localStorage.setItem('filmless.theme', chosen), theme);
    await page.reload();
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    found.push(...(await faults(page, `${theme} sign-in`)));
  }
  expect(found).toEqual([]);
});

for (const theme of ['dark', 'light']) {
  test(`lists and settings are without faults: ${theme}`, async ({ signedIn: page, baseURL }) => {
    await keepSetting(page.request, baseURL, 'theme', { theme });
    await page.goto('/');
    await expect(page.locator(`html[data-theme=${theme}]`)).toBeAttached();
    const found = await faultsOfPages(page, theme);

    /** Opens a dialog by this button, looks at it, and leaves it by Escape: the focus is on the button again. */
    const dialogBy = async (address: string, name: string) => {
      await page.goto(address);
      const button = page.getByRole('button', { name, exact: true }).first();
      await button.focus();
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog')).toBeVisible();
      found.push(...(await faults(page, `${theme} ${name}`)));
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await expect(button, name).toBeFocused();
    };
    await dialogBy('/machines', 'Thêm máy');
    await dialogBy('/machines/accounts', 'Thêm tài khoản');
    await dialogBy('/account', 'Tạo mã truy cập');
    await dialogBy('/orders', 'Chỉ định mới');
    await dialogBy('/forwarding', 'Thêm nơi nhận');
    await dialogBy('/machines', 'Hiệu chỉnh dữ liệu của mọi máy');
    await dialogBy('/', 'Cột');
    await dialogBy('/', 'Màu giao diện');
    await dialogBy('/', 'Lịch Từ ngày đến ngày');
    await dialogBy('/', 'Lưu bộ lọc');
    await dialogBy(`/studies/${studies.ctHeadPhantom}?tier=full`, 'Gửi ca chụp đến máy khác');
    expect(found).toEqual([]);
  });
}

test('the page of a study and what opens over it are without faults, and give the focus back', async ({
  signedIn: page,
}) => {
  const found: string[] = [];
  await openStudy(page, studies.ctHeadPhantom);
  found.push(...(await faults(page, 'study')));

  const overBy = async (name: string, role: 'dialog' | 'menu') => {
    const button = page.getByRole('toolbar').getByRole('button', { name, exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole(role)).toBeVisible();
    found.push(...(await faults(page, name)));
    if (name === 'Phím tắt và chuột') {
      await page.getByRole('button', { name: 'Đổi phím và chuột' }).click();
      found.push(...(await faults(page, 'keys')));
    }
    if (name === 'In') {
      await page
        .getByRole('dialog')
        .getByLabel('Ảnh', { exact: true })
        .selectOption({ label: 'Cứ n ảnh lấy một ảnh của tập' });
      found.push(...(await faults(page, 'print of a series')));
      await page.getByRole('dialog').getByLabel('Ảnh', { exact: true }).selectOption({ label: 'Ảnh từ … đến …' });
      found.push(...(await faults(page, 'print of a range')));
    }
    await page.keyboard.press('Escape');
    await expect(page.getByRole(role)).toHaveCount(0);
    await expect(button, name).toBeFocused();
  };
  await overBy('Phím tắt và chuột', 'dialog');
  await overBy('Thuộc tính DICOM', 'dialog');
  await overBy('In', 'dialog');
  await overBy('Lưu ảnh', 'dialog');
  await overBy('Bố cục', 'dialog');
  await overBy('Kiểu treo phim', 'menu');
  await overBy('Cửa sổ đặt sẵn', 'menu');
  await overBy('Công cụ khác', 'menu');

  await page.keyboard.press('n');
  await page.keyboard.press('*');
  found.push(...(await faults(page, 'lists beside the picture')));
  await keepPicture(page, 'access-study');
  expect(found).toEqual([]);
});

test('a phone is without faults, in the list and in a study', async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const found: string[] = [];
  for (const address of ['/', '/orders', '/machines', '/machines/accounts', '/account']) {
    await page.goto(address);
    await expect(page.getByText('Đang tải…')).toHaveCount(0);
    found.push(...(await faults(page, `phone ${address}`)));
  }
  // The labels of a narrow picture are fewer.
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await expect(page.getByTestId('frame-position')).toBeVisible();
  await expect.poll(async () => (await look(page)).brightest).toBeGreaterThan(20);
  found.push(...(await faults(page, 'phone study')));
  await page.getByRole('button', { name: 'Tất cả công cụ' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  found.push(...(await faults(page, 'phone tools')));
  expect(found).toEqual([]);
});

test('what is no picture is without faults', async ({ signedIn: page }) => {
  const found: string[] = [];
  for (const [study, shown] of [
    [studies.ecg, 'waveform'],
    [studies.pdf, 'pdf'],
    [studies.videoH264, 'video'],
    [studies.model, 'other-objects'],
  ] as const) {
    await page.goto(`/studies/${study}`);
    await expect(page.getByTestId(shown).first()).toBeVisible();
    found.push(...(await faults(page, shown)));
  }
  expect(found).toEqual([]);
});
