/** The administrator's page of forwarding: a destination and a rule, tried and switched on, and what failed sent again. */
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dicomFile } from './dicomFile';
import { faults } from './faults';
import { expect, keepPicture, storeFiles, test } from './fixtures';

test.beforeEach(async ({ signedIn: page }) => {
  const session = (await (await page.request.get('/api/session')).json()) as { role: string };
  test.skip(session.role !== 'admin', 'the account is no administrator');
});

/** Another archive, which refuses everything until it `takes`, and then says that it has what came (PS3.18 section 10.5). */
async function otherArchive() {
  const state = { takes: false, received: '' };
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece as Buffer);
    }
    state.received = Buffer.concat(pieces).toString('latin1');
    const stored = /2\.25\.\d+/.exec(state.received)?.[0];
    const item = { '00081155': { vr: 'UI', Value: [stored] } };
    response.writeHead(state.takes ? 200 : 415, { 'Content-Type': 'application/dicom+json' });
    response.end(JSON.stringify({ '00081199': { vr: 'SQ', Value: [item] } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { state, url: `http://127.0.0.1:${port}/studies`, close: () => server.close() };
}

test('a rule is tried and switched on, and what its destination refuses is sent again', async ({
  signedIn: page,
  baseURL,
  watch,
}) => {
  // An attribute that there is not is answered 400; a destination that a rule names, 409.
  watch.allow(/\/api\/forwarding/);
  const other = await otherArchive();
  const patientId = `FWD${Date.now()}`;
  await storeFiles(page.request, baseURL, [dicomFile({ patientName: 'PHẠM^THỊ HOA', patientId })]);
  await page.goto('/machines');
  await page.getByRole('link', { name: 'Chuyển tiếp ảnh' }).click();
  await expect(page).toHaveURL(/\/forwarding$/);
  const bar = page.getByRole('navigation', { name: 'Các trang', exact: true });
  await expect(bar.locator('[aria-current]')).toHaveText(['Máy chụp']);

  const destinations = page.getByRole('region', { name: 'Nơi nhận' });
  await destinations.getByRole('button', { name: 'Thêm nơi nhận' }).press('Enter');
  const place = page.getByRole('dialog', { name: 'Nơi nhận mới' });
  await place.getByRole('textbox', { name: 'Tên' }).fill('Trung tâm');
  await place.getByLabel('Cách gửi').selectOption('Đến dịch vụ web (STOW-RS)');
  await place.getByRole('button', { name: 'Thêm nơi nhận' }).press('Enter');
  await expect(place.getByRole('alert')).toHaveText(/Địa chỉ ca chụp/);
  await expect(place.getByLabel('Địa chỉ ca chụp')).toBeFocused();
  await place.getByLabel('Địa chỉ ca chụp').fill(other.url);
  await place.getByRole('textbox', { name: 'Authorization' }).fill('Bearer secret');
  await keepPicture(page, 'forwarding-destination');
  await place.getByRole('button', { name: 'Thêm nơi nhận' }).press('Enter');
  const row = destinations.getByRole('row', { name: /Trung tâm/ });
  await expect(row).toContainText('Đang bật');

  const rules = page.getByRole('region', { name: 'Quy tắc' });
  await rules.getByRole('button', { name: 'Thêm quy tắc' }).press('Enter');
  const form = page.getByRole('dialog', { name: 'Quy tắc mới' });
  await form.getByRole('textbox', { name: 'Tên' }).fill('Của một người');
  await form.getByRole('checkbox', { name: 'Trung tâm' }).check();
  await form.getByRole('button', { name: 'Thêm điều kiện' }).press('Enter');
  await form.getByLabel('Thuộc tính').fill('PatientIDD');
  await form.getByLabel('Một trong các giá trị').fill(`${patientId.toLowerCase()}*\nKHAC`);
  await form.getByRole('button', { name: 'Thử' }).press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/Máy chủ không nhận/);
  await form.getByLabel('Thuộc tính').fill('PatientID');
  await form.getByRole('button', { name: 'Thử' }).press('Enter');
  await expect(form.getByRole('status')).toContainText(/^1 ảnh trong \d+ ảnh mới nhất sẽ được gửi/);
  await expect(form.getByRole('link', { name: /^2\.25\./ })).toBeVisible();
  await keepPicture(page, 'forwarding-rule');
  expect(await faults(page, 'rule')).toEqual([]);
  await form.getByRole('button', { name: 'Thêm quy tắc' }).press('Enter');
  const rule = rules.getByRole('row', { name: /Của một người/ });
  await expect(rule).toContainText('Đang tắt');
  await rule.getByRole('button', { name: 'Bật quy tắc Của một người' }).press('Enter');
  await expect(rule).toContainText('Đang bật');

  await storeFiles(page.request, baseURL, [dicomFile({ patientName: 'PHẠM^THỊ HOA', patientId })]);
  await row.getByRole('button', { name: '1 ảnh không gửi được đến Trung tâm' }).press('Enter');
  const failed = page.getByRole('dialog', { name: 'Ảnh không gửi được đến Trung tâm' });
  await expect(failed.getByRole('row', { name: /Mở ca chụp/ })).toContainText('415');
  await keepPicture(page, 'forwarding-failed');
  other.state.takes = true;
  await failed.getByRole('button', { name: 'Gửi lại' }).press('Enter');
  await expect(failed).toContainText('Không có ảnh nào bị lỗi');
  await page.keyboard.press('Escape');
  await expect(row.getByRole('cell')).toContainText(['Đang bật', '0', '1', '0', '']);
  await keepPicture(page, 'forwarding');

  // The secret is kept, and never shown.
  await row.getByRole('button', { name: 'Thiết lập của Trung tâm' }).press('Enter');
  const settings = page.getByRole('dialog', { name: 'Thiết lập của Trung tâm' });
  await expect(settings.getByRole('textbox', { name: 'Authorization' })).toHaveValue('');
  await settings.getByLabel('Số kết nối cùng lúc').fill('1');

  // What the copies that go there say otherwise: first a rule that the server does not take.
  const attribute = settings.getByLabel('Thuộc tính', { exact: true });
  await settings.getByRole('button', { name: 'Thêm quy tắc' }).press('Enter');
  await attribute.fill('SOPInstanceUID');
  await settings.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(settings.getByLabel('Giá trị')).toHaveAccessibleDescription('Chỗ này phải có giá trị.');
  await expect(settings.getByLabel('Giá trị')).toBeFocused();
  await page.keyboard.type('HN-');
  await page.keyboard.press('Enter');
  await expect(attribute).toHaveAccessibleDescription(/Không được đổi thuộc tính này/);
  await expect(attribute).toBeFocused();
  await expect(settings.getByRole('alert')).toHaveText(/Quy tắc 1, Thuộc tính: Không được đổi/);
  await keepPicture(page, 'forwarding-coercion');
  await attribute.fill('PatientID');
  await expect(settings.getByRole('alert')).toBeHidden();
  await settings.getByLabel('Thao tác').selectOption('Thêm vào trước');
  await settings.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(settings).toBeHidden();
  const listed = await (await page.request.get('/api/forwarding/destinations')).json();
  const coercion = [{ attribute: 'PatientID', action: 'prefix', value: 'HN-' }];
  expect(listed).toMatchObject([{ name: 'Trung tâm', parallel: 1, has_authorization: true, coercion }]);
  await storeFiles(page.request, baseURL, [dicomFile({ patientName: 'PHẠM^THỊ HOA', patientId })]);
  await expect.poll(() => other.state.received).toContain(`HN-${patientId}`);

  page.on('dialog', (dialog) => void dialog.accept());
  await row.getByRole('button', { name: 'Xóa Trung tâm' }).press('Enter');
  await expect(destinations.getByRole('alert')).toHaveText(/Có quy tắc gửi đến nơi nhận này/);
  await rule.getByRole('button', { name: 'Xóa quy tắc Của một người' }).press('Enter');
  await expect(rules).toContainText('Chưa có quy tắc nào');
  await row.getByRole('button', { name: 'Xóa Trung tâm' }).press('Enter');
  await expect(destinations).toContainText('Chưa có nơi nhận nào');
  other.close();
});

/** dcmtk's storescp, which takes instances and knows no storage commitment. */
async function storescp() {
  const port = await new Promise<number>((resolve) => {
    const server = createTcpServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => resolve(free));
    });
  });
  const folder = await mkdtemp(join(tmpdir(), 'filmless-e2e-'));
  const child = spawn('storescp', ['--output-directory', folder, String(port)], { stdio: 'ignore' });
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  await expect.poll(answers).toBe(true);
  return { port, stop: () => child.kill() };
}

test('why a machine has not vouched for what it took is said in words', async ({ signedIn: page, baseURL }) => {
  const machine = await storescp();
  const headers = { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
  const patientId = `UNPROVEN${Date.now()}`;
  await storeFiles(page.request, baseURL, [dicomFile({ patientName: 'NGÔ^THỊ LAN', patientId })]);
  const found = (await (await page.request.get(`/dicom-web/studies?PatientID=${patientId}`)).json()) as {
    '0020000D': { Value: string[] };
  }[];
  const place = '/api/forwarding/destinations/Kho';
  const { port } = machine;
  for (const [method, path, data] of [
    ['PUT', '/api/peers/STORESCP', { address: '127.0.0.1', port, allow: [] }],
    ['PUT', place, { target: { peer: 'STORESCP' }, commit: true }],
    ['POST', `${place}/send`, { study: found[0]?.['0020000D'].Value[0] }],
  ] as const) {
    const answer = await page.request.fetch(path, { method, headers, data });
    expect(answer.ok(), await answer.text()).toBe(true);
  }

  await page.goto('/forwarding');
  await page.getByRole('button', { name: '1 ảnh Kho đã nhận, chưa xác nhận lưu trữ' }).press('Enter');
  const list = page.getByRole('dialog', { name: 'Ảnh Kho đã nhận, chưa xác nhận lưu trữ' });
  await expect(list).toContainText('không hỏi được máy có giữ ảnh không: Máy không có dịch vụ cam kết lưu trữ');
  await keepPicture(page, 'forwarding-unproven');
  await page.evaluate(() => localStorage.setItem('filmless.language', 'en'));
  await page.reload();
  await page.getByRole('button', { name: '1 image that Kho took and has not vouched for' }).click();
  await expect(page.getByRole('dialog')).toContainText('The machine has no storage commitment');
  await keepPicture(page, 'forwarding-unproven-en');
  await page.keyboard.press('Escape');

  await page.evaluate(() => localStorage.removeItem('filmless.language'));
  for (const path of [place, '/api/peers/STORESCP']) {
    expect((await page.request.delete(path, { headers })).status()).toBe(204);
  }
  machine.stop();
});
