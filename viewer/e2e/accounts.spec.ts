/** Accounts: an administrator makes them, their owners choose passwords, and sessions and tokens come and go. */
import type { Browser, Page } from '@playwright/test';
import { faults } from './faults';
import { expect, keepPicture, test } from './fixtures';
import { oneTimeCode } from './oneTimeCode';

const chosen = 'một mật khẩu của riêng tôi';

test.beforeEach(async ({ signedIn: page }) => {
  const session = (await (await page.request.get('/api/session')).json()) as { role: string };
  test.skip(session.role !== 'admin', 'the account is no administrator');
  page.on('dialog', (dialog) => void dialog.accept());
});

/** A name that no account of another run has. */
function newName(): string {
  return `e2e.${Date.now()}`;
}

function headers(baseURL: string | undefined) {
  return { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
}

/** Makes an account without the page; gives its initial password. */
async function makeAccount(page: Page, baseURL: string | undefined, name: string, role: string): Promise<string> {
  const response = await page.request.post('/api/accounts', {
    data: { account: name, role },
    headers: headers(baseURL),
  });
  expect(response.status(), await response.text()).toBeLessThan(300);
  return ((await response.json()) as { password: string }).password;
}

/** What comes of signing in without a page: the status. */
async function signIn(page: Page, name: string, password: string): Promise<number> {
  const data = { account: name, password };
  return (await page.request.post('/api/session', { data, headers: { 'X-Filmless-Request': '1' } })).status();
}

/** The browser of somebody else. */
async function elsewhere(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

/** Signs in on the page of somebody who is not. */
async function signInByHand(page: Page, name: string, password: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Tài khoản', { exact: true }).fill(name);
  await page.getByLabel('Mật khẩu').fill(password);
  await page.keyboard.press('Enter');
}

/** Fills in the form that changes a password, and sends it. */
async function changePassword(page: Page, present: string, wanted: string, again = wanted): Promise<void> {
  await page.getByLabel(/^Mật khẩu hiện tại/).fill(present);
  await page.getByLabel(/^Mật khẩu mới/).fill(wanted);
  await page.getByLabel(/^Nhập lại mật khẩu mới/).fill(again);
  await page.keyboard.press('Enter');
}

test('an account is made, chooses its password, is signed out, blocked, and let in again', async ({
  signedIn: page,
  browser,
  watch,
}) => {
  // A name that is taken is answered 409.
  watch.allow(/\/api\/accounts/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const name = newName();
  await page.goto('/machines');
  const tabs = page.getByRole('navigation', { name: 'Các trang về máy chụp' });
  await tabs.getByRole('link', { name: 'Tài khoản' }).click();
  await expect(page).toHaveURL(/\/machines\/accounts$/);

  await page.getByRole('button', { name: 'Thêm tài khoản' }).press('Enter');
  const form = page.getByRole('dialog', { name: 'Tài khoản mới' });
  await form.getByRole('button', { name: 'Thêm tài khoản' }).press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/64 chữ cái/);
  await expect(form.getByRole('textbox', { name: 'Tài khoản' })).toBeFocused();
  await page.keyboard.type(name);
  await form.getByRole('radio', { name: 'Bác sĩ lâm sàng' }).check();
  await keepPicture(page, 'account-form');
  await form.getByRole('button', { name: 'Thêm tài khoản' }).press('Enter');
  const shown = form.getByLabel(`Mật khẩu ban đầu của ${name}`);
  await expect(shown).toBeFocused();
  const initial = await shown.inputValue();
  await form.getByRole('button', { name: 'Sao chép' }).press('Enter');
  await expect(form.getByRole('status')).toHaveText('Đã sao chép');
  expect(await faults(page, 'initial password')).toEqual([]);
  await form.getByRole('button', { name: 'Đóng' }).last().press('Enter');
  await expect(form).toBeHidden();
  const row = page.getByRole('row').filter({ hasText: name });
  await expect(row).toContainText('Bác sĩ lâm sàng');
  await expect(row).toContainText('Phải đổi mật khẩu');

  await page.getByRole('button', { name: 'Thêm tài khoản' }).press('Enter');
  await form.getByRole('textbox', { name: 'Tài khoản' }).fill(name);
  await page.keyboard.press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/Đã có tài khoản/);
  await page.keyboard.press('Escape');

  const other = await elsewhere(browser);
  await signInByHand(other, name, initial);
  await expect(other.getByRole('heading', { name: 'Hãy đặt mật khẩu của riêng bạn' })).toBeVisible();
  await expect(other.getByLabel(/^Mật khẩu hiện tại/)).toBeFocused();
  expect((await other.request.get('/dicom-web/studies')).status()).toBe(403);
  await keepPicture(other, 'first-password');
  await changePassword(other, initial, 'ngắn');
  await expect(other.getByRole('alert')).toHaveText(/ít nhất 10 ký tự/);
  await expect(other.getByLabel(/^Mật khẩu mới/)).toBeFocused();
  expect(await faults(other, 'first password')).toEqual([]);
  await changePassword(other, initial, chosen, `${chosen}.`);
  await expect(other.getByRole('alert')).toHaveText(/không giống nhau/);
  await changePassword(other, initial, chosen);
  await expect(other.getByRole('grid')).toBeVisible();
  expect((await other.request.get('/dicom-web/studies')).ok()).toBe(true);

  await page.reload();
  await expect(row).toContainText('Đang dùng');
  await keepPicture(page, 'accounts');
  await row.getByRole('button', { name: `Phiên đăng nhập của ${name}` }).press('Enter');
  const sessions = page.getByRole('dialog', { name: `Phiên đăng nhập của ${name}` });
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect(sessions.getByRole('listitem')).toContainText(/Chrome · /);
  expect(await faults(page, 'sessions')).toEqual([]);
  await sessions.getByRole('button', { name: /^Kết thúc phiên/ }).press('Enter');
  await expect(sessions.getByText('Không có ai đang đăng nhập.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(sessions).toBeHidden();
  await expect.poll(async () => (await other.request.get('/api/session')).status()).toBe(401);
  // Whatever is asked next; the page itself may be the first to ask.
  await other.keyboard.press('/');
  await other.keyboard.type('head');
  await expect(other.getByLabel('Mật khẩu')).toBeVisible();

  await row.getByRole('button', { name: `Khóa ${name}` }).press('Enter');
  await expect(row).toContainText('Đã khóa');
  expect(await signIn(other, name, chosen)).toBeGreaterThanOrEqual(400);
  await row.getByRole('button', { name: `Cho ${name} dùng lại` }).press('Enter');
  await expect(row).toContainText('Đang dùng');
  expect(await signIn(other, name, chosen)).toBe(204);
  await other.context().close();
});

test('an administrator gives an account another role and a new password, and does neither to the own one', async ({
  signedIn: page,
  browser,
  baseURL,
}) => {
  const name = newName();
  const initial = await makeAccount(page, baseURL, name, 'clinician');
  await page.goto('/machines/accounts');
  const row = page.getByRole('row').filter({ hasText: name });
  await row.getByRole('button', { name: `Nhóm quyền của ${name}` }).press('Enter');
  const role = page.getByRole('dialog', { name: `Nhóm quyền của ${name}` });
  await expect(role.getByRole('radio', { name: 'Bác sĩ lâm sàng' })).toBeChecked();
  await role.getByRole('radio', { name: 'Người giám sát' }).check();
  expect(await faults(page, 'role')).toEqual([]);
  await role.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(role).toBeHidden();
  await expect(row).toContainText('Người giám sát');

  await row.getByRole('button', { name: `Mật khẩu mới cho ${name}` }).press('Enter');
  const renewed = page.getByRole('dialog', { name: `Mật khẩu mới cho ${name}` });
  await renewed.getByRole('button', { name: 'Tạo mật khẩu mới' }).press('Enter');
  const shown = renewed.getByLabel(`Mật khẩu ban đầu của ${name}`);
  await expect(shown).toBeFocused();
  const password = await shown.inputValue();
  expect(password).not.toBe(initial);
  await page.keyboard.press('Escape');
  await expect(renewed).toBeHidden();

  const other = await elsewhere(browser);
  expect(await signIn(other, name, password)).toBe(204);
  expect(await (await other.request.get('/api/session')).json()).toMatchObject({
    account: name,
    role: 'auditor',
    acts: [],
    must_change_password: true,
  });
  await other.goto('/');
  await other.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect(other.getByRole('button', { name: 'Đăng nhập' })).toBeVisible();
  await other.context().close();

  const own = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'Tài khoản của tôi' }) });
  await expect(own).toHaveCount(1);
  await expect(own.getByRole('button')).toHaveCount(0);
});

test('a password is changed by its owner, whose other sessions end', async ({ signedIn: page, browser, baseURL }) => {
  const name = newName();
  const initial = await makeAccount(page, baseURL, name, 'radiologist');
  const [here, there] = [await elsewhere(browser), await elsewhere(browser)];
  await signInByHand(here, name, initial);
  await changePassword(here, initial, chosen);
  await expect(here.getByRole('grid')).toBeVisible();
  expect(await signIn(there, name, chosen)).toBe(204);

  await here.getByRole('link', { name: `Tài khoản của tôi: ${name}` }).click();
  await expect(here.getByRole('heading', { level: 1 })).toHaveText('Tài khoản của tôi');
  await expect(here.getByText('Bác sĩ đọc')).toBeVisible();
  const sessions = here.getByRole('region', { name: 'Phiên đăng nhập' });
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
  await expect(sessions.getByRole('listitem').filter({ hasText: 'Phiên này' })).toHaveCount(1);
  await keepPicture(here, 'account');

  await changePassword(here, 'sai mật khẩu rồi', `${chosen} 2`);
  await expect(here.getByRole('alert')).toHaveText(/không đúng/);
  await expect(here.getByLabel(/^Mật khẩu hiện tại/)).toBeFocused();
  await changePassword(here, chosen, `${chosen} 2`);
  await expect(here.getByRole('status').filter({ hasText: 'Đã đổi mật khẩu.' })).toBeVisible();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect.poll(async () => (await there.request.get('/api/session')).status()).toBe(401);

  expect(await signIn(there, name, `${chosen} 2`)).toBe(204);
  await here.reload();
  await sessions.getByRole('button', { name: /^Kết thúc phiên/ }).click();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect.poll(async () => (await there.request.get('/api/session')).status()).toBe(401);
  await expect.poll(async () => (await here.request.get('/api/session')).status()).toBe(200);
  await here.setViewportSize({ width: 390, height: 844 });
  await expect(here.getByRole('navigation').getByRole('link', { name: 'Tài khoản của tôi' })).toBeAttached();
  expect(await here.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0);
  await keepPicture(here, 'account-phone');
  for (const other of [here, there]) {
    await other.context().close();
  }
});

test('a token lets a program in for what it is made for, until it is revoked', async ({
  signedIn: page,
  playwright,
  baseURL,
}) => {
  const label = newName();
  await page.goto('/');
  await page.getByRole('link', { name: /^Tài khoản của tôi/ }).click();
  const tokens = page.getByRole('region', { name: 'Mã truy cập' });
  await tokens.getByRole('button', { name: 'Tạo mã truy cập' }).press('Enter');
  const form = page.getByRole('dialog', { name: 'Mã truy cập mới' });
  await form.getByRole('button', { name: 'Tạo mã truy cập' }).press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/cần có tên/);
  await expect(form.getByRole('textbox', { name: 'Tên' })).toBeFocused();
  await page.keyboard.type(label);
  await form.getByLabel('Số ngày dùng được').fill('7');
  await form.getByLabel('Dùng để làm gì').selectOption('Chỉ một số việc');
  await form.getByRole('button', { name: 'Tạo mã truy cập' }).press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/Hãy chọn việc/);
  await form.getByRole('checkbox', { name: 'Tìm ca chụp' }).press('Space');
  await keepPicture(page, 'token-form');
  expect(await faults(page, 'token')).toEqual([]);
  await form.getByRole('button', { name: 'Tạo mã truy cập' }).press('Enter');
  const shown = form.getByLabel(label);
  await expect(shown).toBeFocused();
  const secret = await shown.inputValue();
  await form.getByRole('button', { name: 'Đóng' }).last().press('Enter');
  await expect(form).toBeHidden();
  const line = tokens.getByRole('listitem').filter({ hasText: label });
  await expect(line).toContainText('Tìm ca chụp');
  await expect(line).toContainText('; hết hạn');

  const program = await playwright.request.newContext({
    baseURL: baseURL ?? '',
    extraHTTPHeaders: { Authorization: `Bearer ${secret}` },
  });
  expect((await program.get('/dicom-web/studies?limit=1')).ok()).toBe(true);
  expect((await program.get('/api/peers')).status()).toBe(403);
  await line.getByRole('button', { name: `Thu hồi ${label}` }).press('Enter');
  await expect(line).toHaveCount(0);
  // What the server knew a moment ago it believes a moment longer.
  await expect.poll(async () => (await program.get('/dicom-web/studies?limit=1')).status()).toBe(401);
  await program.dispose();
});

test('an administrator makes a token for a program', async ({ signedIn: page, playwright, baseURL }) => {
  const name = newName();
  await makeAccount(page, baseURL, name, 'service');
  await page.goto('/machines/accounts');
  const row = page.getByRole('row').filter({ hasText: name });
  await row.getByRole('button', { name: `Mã truy cập của ${name}` }).press('Enter');
  const list = page.getByRole('dialog', { name: `Mã truy cập của ${name}` });
  await list.getByRole('button', { name: 'Tạo mã truy cập' }).press('Enter');
  const form = page.getByRole('dialog', { name: 'Mã truy cập mới' });
  await form.getByRole('textbox', { name: 'Tên' }).fill('HIS');
  await form.getByLabel('Số ngày dùng được').fill('');
  await page.keyboard.press('Enter');
  const shown = form.getByLabel('HIS');
  await expect(shown).toBeFocused();
  const secret = await shown.inputValue();
  await page.keyboard.press('Escape');
  await expect(form).toBeHidden();
  await expect(list.getByRole('listitem')).toContainText('không hết hạn');
  const program = await playwright.request.newContext({
    baseURL: baseURL ?? '',
    extraHTTPHeaders: { Authorization: `Bearer ${secret}` },
  });
  expect((await program.get('/dicom-web/studies?limit=1')).ok()).toBe(true);
  await list.getByRole('button', { name: 'Thu hồi HIS' }).press('Enter');
  await expect(list.getByRole('listitem')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await expect.poll(async () => (await program.get('/dicom-web/studies?limit=1')).status()).toBe(401);
  await program.dispose();
});

test('whoever has a second factor types its digits, and an administrator helps who lost it', async ({
  signedIn: page,
  browser,
  baseURL,
}) => {
  const name = newName();
  const initial = await makeAccount(page, baseURL, name, 'radiologist');
  const [here, there] = [await elsewhere(browser), await elsewhere(browser)];
  await signInByHand(here, name, initial);
  await changePassword(here, initial, chosen);
  await here.getByRole('link', { name: `Tài khoản của tôi: ${name}` }).click();
  const factor = here.getByRole('region', { name: 'Yếu tố thứ hai' });
  await factor.getByRole('button', { name: 'Cài đặt ứng dụng' }).press('Enter');
  const picture = factor.getByRole('img', { name: 'Khóa dưới dạng mã QR' });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  const secret = await factor.getByLabel('Khóa').inputValue();
  await factor.getByLabel('Mã sáu chữ số').fill('12345');
  await factor.getByLabel('Mật khẩu hiện tại').fill(chosen);
  await factor.getByRole('button', { name: 'Dùng yếu tố thứ hai này' }).press('Enter');
  await expect(factor.getByRole('alert')).toHaveText(/không phải mã/);
  await keepPicture(here, 'second-factor');
  expect(await faults(here, 'second factor')).toEqual([]);
  await factor.getByLabel('Mã sáu chữ số').fill(oneTimeCode(secret, -1));
  await factor.getByRole('button', { name: 'Dùng yếu tố thứ hai này' }).press('Enter');
  await expect(factor).toContainText('đã có yếu tố thứ hai');

  await signInByHand(there, name, chosen);
  await expect(there.getByLabel('Mã sáu chữ số')).toBeFocused();
  await there.keyboard.type('000000');
  await there.keyboard.press('Enter');
  await expect(there.getByRole('alert')).toHaveText(/không phải mã/);
  await keepPicture(there, 'sign-in-code');
  await there.getByLabel('Mã sáu chữ số').fill(oneTimeCode(secret));
  await there.keyboard.press('Enter');
  await expect(there.getByRole('grid')).toBeVisible();

  await page.goto('/machines/accounts');
  const row = page.getByRole('row').filter({ hasText: name });
  await row.getByRole('button', { name: `Yếu tố thứ hai của ${name}` }).press('Enter');
  const removal = page.getByRole('dialog', { name: `Yếu tố thứ hai của ${name}` });
  await removal.getByRole('button', { name: 'Gỡ bỏ' }).press('Enter');
  await expect(removal).toBeHidden();
  const again = await elsewhere(browser);
  expect(await signIn(again, name, chosen)).toBe(204);
  for (const other of [here, there, again]) {
    await other.context().close();
  }
});
