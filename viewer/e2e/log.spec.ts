import { dicomFile } from './dicomFile';
import { account, expect, keepPicture, storeFiles, test } from './fixtures';
import { newUid } from './part10';
import { openStudy } from './picture';

test('an administrator finds who looked at a patient, and what an account did', async ({ signedIn: page, baseURL }) => {
  const study = newUid();
  const patientId = `E2E-${study.slice(-12)}`;
  await storeFiles(page.request, baseURL, [dicomFile({ patientName: 'PHANTOM^LOOKED AT', patientId, study })]);
  await openStudy(page, study);

  await page.goto('/machines');
  await page.getByRole('navigation', { name: 'Các trang về máy chụp' }).getByRole('link', { name: 'Nhật ký' }).click();
  const table = page.getByRole('table', { name: 'Ai đã làm gì' });
  const search = page.getByRole('search');
  await search.getByLabel('Mã người bệnh').fill(patientId);
  // What was read is in the log within a second.
  await expect(async () => {
    await search.getByRole('button', { name: 'Tìm' }).click();
    await expect(table.getByRole('row').filter({ hasText: 'Xem ảnh' }).first()).toBeVisible({ timeout: 1000 });
  }).toPass();
  for (const row of (await table.getByRole('row').all()).slice(1)) {
    await expect(row).toContainText(patientId);
    await expect(row).toContainText(account);
  }
  await keepPicture(page, 'log-page');

  await search.getByLabel('Mã người bệnh').fill('');
  await search.getByLabel('Tài khoản').fill(account);
  await search.getByLabel('Việc').selectOption('Đăng nhập');
  await search.getByRole('button', { name: 'Tìm' }).click();
  await expect(table.getByRole('row').nth(1)).toContainText('Đăng nhập');
  await search.getByLabel('Tài khoản').fill('nobody');
  await search.getByRole('button', { name: 'Tìm' }).click();
  await expect(page.getByText('Không có dòng nào như vậy.')).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByText('There is no such row.')).toBeVisible();
});
