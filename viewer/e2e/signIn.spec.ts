import { account, expect, keepPicture, password, test } from './fixtures';

test('a wrong password is refused in words, the right one opens the list, signing out closes it', async ({ page }) => {
  await page.goto('/?modality=CT');
  await expect(page.getByRole('heading', { name: 'Filmless' })).toBeVisible();
  await keepPicture(page, 'sign-in');

  await page.getByLabel('Tài khoản', { exact: true }).fill(account);
  await page.getByLabel('Mật khẩu').fill('not the password');
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await expect(page.getByRole('alert')).toHaveText(/không đúng/);

  await page.getByLabel('Mật khẩu').fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid')).toBeVisible();
  // Back to where one was: the filter of the address is still there.
  expect(new URL(page.url()).searchParams.get('modality')).toBe('CT');

  await page.reload();
  await expect(page.getByRole('grid')).toBeVisible();

  // As the layouts of studies that were read.
  await page.evaluate(() => sessionStorage.setItem('filmless.layouts', '[]'));
  await page.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect(page.getByLabel('Mật khẩu')).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await page.reload();
  await expect(page.getByLabel('Mật khẩu')).toBeVisible();
});

test('a session that ends under the page leads to signing in, and back', async ({ signedIn: page, watch }) => {
  watch.allow(/.*/);
  await page.goto('/');
  await expect(page.getByRole('grid')).toBeVisible();
  const cookies = await page.context().cookies();
  await page.getByRole('button', { name: 'CT', exact: true }).click();
  await expect(page).toHaveURL(/modality=CT/);
  await page.context().clearCookies();
  // Whatever is asked next; the page itself may be the first to ask.
  await page.keyboard.press('/');
  await page.keyboard.type('head');
  await expect(page.getByLabel('Mật khẩu')).toBeVisible();
  await page.context().addCookies(cookies);
  await page.reload();
  await expect(page.getByRole('grid')).toBeVisible();
  expect(new URL(page.url()).searchParams.get('modality')).toBe('CT');
});

test('nothing is asked or listened for any more when a session is ended', async ({ page }) => {
  await page.goto('/');
  await page.getByLabel('Tài khoản', { exact: true }).fill(account);
  await page.getByLabel('Mật khẩu').fill(password);
  const listening = page.waitForRequest('**/api/events');
  await page.keyboard.press('Enter');
  await listening;
  const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/events'));
  await page.route('**/api/session', async (route) => {
    if (route.request().method() === 'DELETE') {
      await closed;
    }
    await route.continue();
  });
  await page.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect(page.getByLabel('Mật khẩu')).toBeVisible();
});

test('nothing of the archive is given without a session', async ({ request }) => {
  for (const address of ['/dicom-web/studies', '/api/events', '/api/peers']) {
    expect((await request.get(address)).status(), address).toBe(401);
  }
});
