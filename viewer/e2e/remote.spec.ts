/**
 * Another archive: FILMLESS_NODE is its AE title; it has one study, which ours has not, and vouches for what it is sent.
 */
import { dicomFile } from './dicomFile';
import { expect, keepPicture, storeFiles, test } from './fixtures';

const node = process.env.FILMLESS_NODE;

test.skip(node === undefined, 'FILMLESS_NODE names no other archive');
test.use({ viewport: { width: 1366, height: 768 } });

test('a study is found at another archive, fetched, seen in the list and sent back', async ({ signedIn: page }) => {
  await page.goto('/');
  await expect(page.getByText('Kho lưu trữ chưa có ca chụp')).toBeVisible();
  await page.getByRole('link', { name: 'Kho khác' }).click();
  await expect(page.getByRole('heading', { name: 'Tìm ở kho lưu trữ khác' })).toBeVisible();
  await expect(page.getByLabel('Kho lưu trữ', { exact: true })).toHaveValue(node ?? '');
  await keepPicture(page, 'remote-empty');

  await page.getByLabel('Mã người bệnh').fill('not there');
  await page.getByLabel('Mã người bệnh').press('Enter');
  await expect(page.getByText('Ở đó không có ca chụp nào phù hợp')).toBeVisible();
  await page.getByLabel('Mã người bệnh').fill('*');
  await page.getByRole('group', { name: 'Ngày chụp, từ' }).getByRole('spinbutton').first().focus();
  await page.keyboard.type('01011990');
  await page.getByRole('button', { name: 'Tìm', exact: true }).click();
  const row = page.getByRole('row').nth(1);
  await expect(row).not.toContainText('Đã có ở đây');
  await keepPicture(page, 'remote-found');
  await row.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Lấy 1 ca chụp' }).press('Enter');
  await expect(row).toContainText(/Đã lấy về \d+ ảnh/);
  await expect(row).toContainText('Đã có ở đây');
  await keepPicture(page, 'remote-fetched');

  await page.getByRole('link', { name: 'Danh sách ca chụp', exact: true }).click();
  await expect(page.getByRole('grid').getByRole('row')).toHaveCount(2);
  await page.getByRole('grid').getByRole('row').nth(1).click();
  await page.getByRole('button', { name: 'Gửi ca chụp đến máy khác' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Gửi đến')).toHaveValue(node ?? '');
  await dialog.getByRole('checkbox').check();
  await keepPicture(page, 'remote-send');
  await dialog.getByRole('button', { name: 'Gửi', exact: true }).click();
  await expect(dialog).toContainText(/Đã gửi \d+ ảnh/);
  await expect(dialog).toContainText('Máy nhận cam kết đã lưu tất cả', { timeout: 60_000 });
  await keepPicture(page, 'remote-sent');

  // What it was asked is listed with its answer, and stays so.
  await page.goto('/machines/reports');
  const asked = page.getByRole('region', { name: 'Cam kết lưu trữ đã hỏi các máy' });
  await expect(asked.getByRole('row', { name: new RegExp(node ?? '') })).toContainText('Cam kết tất cả');
  await keepPicture(page, 'machine-reports-asked');
});

test('who reads English sees it in English, and why an archive cannot be searched', async ({
  signedIn: page,
  baseURL,
}) => {
  // Nobody listens on port 1.
  const added = await page.request.put('/api/peers/ABSENT', {
    headers: { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin },
    data: { address: '127.0.0.1', port: 1, allow: ['store'] },
  });
  expect(added.status(), await added.text()).toBe(204);
  await page.addInitScript(() => localStorage.setItem('filmless.language', 'en'));
  await page.goto('/remote');
  await page.getByLabel('Archive', { exact: true }).selectOption(node ?? '');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  const row = page.getByRole('row').nth(1);
  await expect(row).toContainText('Is here');
  await keepPicture(page, 'remote-found-en');
  await row.getByRole('link', { name: 'Open' }).click();
  await page.getByRole('button', { name: 'Send the study to a machine' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('To', { exact: true }).selectOption('ABSENT');
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(dialog).toContainText(/\d+ images were not sent/);
  await expect(dialog).toContainText('No connection');
  await keepPicture(page, 'remote-send-en');
  await page.goto('/remote');
  await page.getByLabel('Archive', { exact: true }).selectOption('ABSENT');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('ABSENT could not be searched');
  await keepPicture(page, 'remote-failed-en');
});

test('studies are sent from the list, several by keyboard and one by mouse', async ({ signedIn: page, baseURL }) => {
  await storeFiles(page.request, baseURL, [dicomFile({ patientName: 'ĐỖ^THỊ MAI', patientId: 'SEND1' })]);
  await page.goto('/');
  await expect(page.getByRole('grid').getByRole('row')).toHaveCount(3);
  const bar = page.getByRole('region', { name: 'Các ca chụp đã chọn' });
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await expect(bar).toContainText('Đã chọn 1 ca chụp');
  await page.keyboard.press('Space');
  await expect(bar).toBeHidden();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(bar).toContainText('Đã chọn 2 ca chụp');
  await keepPicture(page, 'study-list-chosen');
  await page.keyboard.press('s');
  const both = page.getByRole('dialog', { name: 'Gửi 2 ca chụp đến máy khác' });
  await both.getByLabel('Gửi đến').selectOption(node ?? '');
  await both.getByRole('checkbox').check();
  await both.getByRole('button', { name: 'Gửi', exact: true }).press('Enter');
  for (const name of ['ĐỖ THỊ MAI', /^(?!ĐỖ THỊ MAI)/]) {
    const sent = both.getByRole('listitem').filter({ hasText: name });
    await expect(sent).toContainText(/Đã gửi \d+ ảnh/, { timeout: 60_000 });
    await expect(sent).toContainText('Máy nhận cam kết đã lưu tất cả', { timeout: 60_000 });
  }
  await expect(both.getByRole('button', { name: 'Gửi', exact: true })).toBeFocused();
  await keepPicture(page, 'study-list-sent');
  await page.keyboard.press('Escape');
  await expect(both).toBeHidden();
  await expect(page.getByRole('grid')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();

  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('checkbox', { name: 'Choose the study of ĐỖ THỊ MAI' }).click();
  await expect(page.getByRole('region', { name: 'Chosen studies' })).toContainText('1 study chosen');
  await keepPicture(page, 'study-list-chosen-en');
  await page.getByRole('button', { name: 'Send to a machine…' }).click();
  const one = page.getByRole('dialog', { name: 'Send the study to a machine' });
  await one.getByLabel('To', { exact: true }).selectOption('ABSENT');
  await one.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(one.getByRole('listitem')).toContainText('1 image was not sent');
  await keepPicture(page, 'study-list-sent-en');
  await one.getByRole('button', { name: 'Close' }).first().click();
  await page.getByRole('button', { name: 'Choose none' }).click();
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0);
});
