import { expect, keepPicture, test } from './fixtures';

test('an order is created by keyboard, found, changed and cancelled', async ({ signedIn: page, watch }) => {
  // A number that is there already is answered 409.
  watch.allow(/\/api\/orders/);
  await page.goto('/orders');
  await expect(page.getByRole('heading', { name: 'Chỉ định', exact: true })).toBeVisible();
  await page.keyboard.press('n');
  const form = page.getByRole('dialog');
  await expect(form).toBeVisible();
  await form.getByRole('button', { name: 'Tạo chỉ định' }).press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/Họ tên/);
  await expect(form.getByLabel('Họ tên')).toBeFocused();
  await form.getByLabel('Họ tên').fill('Nguyễn Văn Đức');
  await form.getByLabel('Mã người bệnh').fill('BN-2026-7');
  await form.getByRole('group', { name: 'Ngày sinh' }).getByRole('spinbutton').first().focus();
  await page.keyboard.type('02041961');
  await form.getByLabel('Giới tính').selectOption('M');
  await form.getByLabel('Số chỉ định').fill('CD-E2E-1');
  await form.getByLabel('Dịch vụ kỹ thuật').fill('Chụp CLVT sọ não');
  await form.getByLabel('Loại máy chụp').fill('CT');
  await form.getByLabel('Máy chụp (AE title)').fill('CT1');
  await keepPicture(page, 'order-form');
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  await expect(page.getByRole('row', { name: /Nguyễn Văn Đức/ })).toContainText('Đã đặt lịch');
  await expect(page.getByRole('row', { name: /Nguyễn Văn Đức/ })).toContainText('02/04/1961');

  await page.keyboard.press('/');
  await page.keyboard.type('duc');
  await expect(page).toHaveURL(/q=duc/);
  await expect(page.getByRole('row', { name: /Nguyễn Văn Đức/ })).toBeVisible();
  await keepPicture(page, 'orders');

  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Chỉ định mới' }).click();
  await form.getByLabel('Họ tên').fill('Trần Thị Hoà');
  await form.getByLabel('Mã người bệnh').fill('BN-2026-8');
  await form.getByLabel('Số chỉ định').fill('CD-E2E-1');
  await form.getByLabel('Dịch vụ kỹ thuật').fill('Siêu âm');
  await form.getByLabel('Loại máy chụp').fill('US');
  await form.getByLabel('Máy chụp (AE title)').fill('US1');
  await page.keyboard.press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/đã có/);
  await form.getByRole('button', { name: 'Đóng' }).last().click();

  await page.getByRole('button', { name: 'Nguyễn Văn Đức' }).click();
  await form.getByLabel('Dị ứng').fill('Thuốc cản quang');
  await form.getByLabel('Trạng thái').selectOption('Đã đến');
  await form.getByRole('button', { name: 'Lưu thay đổi' }).click();
  await expect(page.getByRole('row', { name: /Nguyễn Văn Đức/ })).toContainText('Đã đến');

  page.on('dialog', (dialog) => void dialog.accept());
  await page.getByRole('button', { name: 'Nguyễn Văn Đức' }).click();
  await expect(form.getByLabel('Dị ứng')).toHaveValue('Thuốc cản quang');
  await form.getByRole('button', { name: 'Hủy chỉ định' }).click();
  await expect(page.getByRole('row', { name: /Nguyễn Văn Đức/ })).toContainText('Đã hủy');
});
