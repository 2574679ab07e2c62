import { dicomFile } from './dicomFile';
import { account, expect, keepPicture, storeFiles, test } from './fixtures';
import { newUid } from './part10';
import { openStudy } from './picture';

test('an administrator finds who exported what, by account, patient and day', async ({ signedIn: page, baseURL }) => {
  const study = newUid();
  const patientId = `E2E-${study.slice(-12)}`;
  await storeFiles(page.request, baseURL, [dicomFile({ patientName: 'PHANTOM^EXPORTED', patientId, study })]);
  await openStudy(page, study);
  await page.keyboard.press('Control+s');
  const downloading = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Lưu', exact: true }).click();
  const name = (await downloading).suggestedFilename();

  await page.goto('/machines/exports');
  const table = page.getByRole('table', { name: 'Ai đã in và xuất ảnh' });
  await expect(table.getByRole('row').nth(1)).toContainText('EXPORTED');
  const search = page.getByRole('search');
  await search.getByLabel('Tài khoản').fill(account);
  await search.getByLabel('Mã người bệnh').fill(patientId);
  await search.getByRole('button', { name: 'Tìm' }).click();
  await expect(table.getByRole('row')).toHaveCount(2);
  const row = table.getByRole('row').nth(1);
  await expect(row).toContainText('Tệp PNG');
  await expect(row).toContainText('không có họ tên');
  expect(name).toContain((await row.getByRole('cell').last().innerText()).trim());
  await keepPicture(page, 'exports-page');

  await search.getByLabel('Tài khoản').fill('nobody');
  await search.getByRole('button', { name: 'Tìm' }).click();
  await expect(page.getByText('Chưa có lần in hay xuất ảnh nào.')).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await search.getByLabel('Account').fill('');
  await search.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('table', { name: 'Who printed and exported' }).getByRole('row')).toHaveCount(2);
  await page.getByRole('link', { name: 'PHANTOM EXPORTED' }).click();
  await expect(page).toHaveURL(new RegExp(`/studies/${study}`));
});
