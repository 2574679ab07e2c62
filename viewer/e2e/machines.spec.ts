/** The administrator's pages of machines: who may call and how, who was refused, and what machines report. */
import { expect, keepPicture, test } from './fixtures';

test.beforeEach(async ({ signedIn: page }) => {
  const session = (await (await page.request.get('/api/session')).json()) as { role: string };
  test.skip(session.role !== 'admin', 'the account is no administrator');
});

test('machines are listed for administrators, and called', async ({ signedIn: page, baseURL }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Máy chụp' }).click();
  await expect(page.getByRole('heading', { name: 'Máy đang chờ chấp nhận' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Máy đã khai báo' })).toBeVisible();
  // Nobody listens on port 1.
  const added = await page.request.put('/api/peers/ABSENT', {
    headers: { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin },
    data: { address: '127.0.0.1', port: 1, allow: ['store'] },
  });
  expect(added.status(), await added.text()).toBe(204);
  await page.reload();
  await page.getByRole('button', { name: 'Gọi thử ABSENT (C-ECHO)' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Không kết nối được' })).toBeVisible();
  await keepPicture(page, 'machines');
});

test('a machine is added by keyboard, changed, and removed', async ({ signedIn: page, watch }) => {
  // A machine code that is none is answered 400.
  watch.allow(/\/api\/peers/);
  await page.goto('/machines');
  await page.getByRole('button', { name: 'Thêm máy' }).press('Enter');
  const form = page.getByRole('dialog', { name: 'Máy mới' });
  await form.getByRole('button', { name: 'Thêm máy' }).press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/AE title/);
  await expect(form.getByRole('textbox', { name: 'AE title' })).toBeFocused();
  await page.keyboard.type('CT E2E');
  await form.getByLabel('Địa chỉ').fill('10.0.0.21');
  await form.getByLabel('Cổng').fill('104');
  await form.getByRole('checkbox', { name: 'danh sách chỉ định' }).press('Space');
  await form.getByLabel('Chữ').selectOption('Không dấu (ASCII)');
  await form.getByLabel('Số dòng tối đa').fill('50');
  await form.getByLabel('Khoa, phòng').fill('Khoa Chẩn đoán hình ảnh');
  await form.getByLabel('Mã máy').fill('CL');
  await form.getByLabel('Thêm vào: Nhận từ máy').selectOption('Explicit VR Little Endian');
  await form.getByLabel('Thêm vào: Nhận từ máy').selectOption('JPEG-LS Lossless');
  await form.getByRole('button', { name: 'Đưa JPEG-LS Lossless lên' }).press('Enter');
  await expect(form.getByRole('listitem').first()).toContainText('1. JPEG-LS Lossless');
  await keepPicture(page, 'machine-form');
  await form.getByLabel('Cổng').press('Enter');
  await expect(form.getByRole('alert')).toHaveText(/Mã máy/);
  await expect(form.getByLabel('Mã máy')).toBeFocused();
  await form.getByLabel('Mã máy').fill('CL.1.01234.5');
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  const row = page.getByRole('row', { name: /CT E2E/ });
  await expect(row).toContainText('10.0.0.21:104');
  await expect(row).toContainText('CL.1.01234.5');

  // It may retrieve, but have images sent nowhere.
  await row.getByRole('button', { name: 'Thiết lập của CT E2E' }).click();
  const settings = page.getByRole('dialog', { name: 'Thiết lập của CT E2E' });
  await expect(settings.getByRole('textbox', { name: 'AE title' })).toHaveAttribute('readonly');
  await expect(settings.getByLabel('Chữ')).toHaveValue('ascii');
  await settings.getByRole('checkbox', { name: 'lấy ảnh' }).check();
  await settings.getByLabel('Được yêu cầu gửi ảnh').selectOption('Chỉ đến các máy này');
  await settings.getByRole('checkbox', { name: 'CT E2E' }).check();
  await settings.getByLabel('Số kết nối cùng lúc').fill('2');
  await settings.getByRole('button', { name: 'Lưu thay đổi' }).click();
  await expect(settings).toBeHidden();
  const peers = (await (await page.request.get('/api/peers')).json()) as { ae_title: string }[];
  expect(peers.find((peer) => peer.ae_title === 'CT E2E')).toMatchObject({
    address: '10.0.0.21',
    port: 104,
    allow: ['store', 'retrieve', 'worklist'],
    worklist: { characters: 'ascii', names: 'as-ordered', max_entries: 50 },
    move_destinations: ['CT E2E'],
    accepted_transfer_syntaxes: ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.1'],
    offered_transfer_syntaxes: [],
    max_associations: 2,
    department: 'Khoa Chẩn đoán hình ảnh',
    machine_code: 'CL.1.01234.5',
  });

  page.on('dialog', (dialog) => void dialog.accept());
  await row.getByRole('button', { name: 'Xóa CT E2E' }).click();
  await expect(row).toBeHidden();
});

test('what machines report is listed on the page beside', async ({ signedIn: page }) => {
  await page.goto('/machines');
  await page.getByRole('link', { name: 'Báo cáo từ máy' }).click();
  await expect(page).toHaveURL(/\/machines\/reports$/);
  await expect(page.getByRole('region', { name: 'Cam kết lưu trữ (' })).toContainText('Chưa có máy nào hỏi');
  await expect(page.getByRole('region', { name: 'Ca chụp báo cho máy' })).toContainText('Không có máy nào cần báo');
  await expect(page.getByRole('region', { name: 'Lần thực hiện đã báo cáo' })).toContainText('Chưa có máy nào báo cáo');
  await keepPicture(page, 'machine-reports');
});

test('a commitment or a study that a machine has not heard of is tried again', async ({ signedIn: page }) => {
  const waiting = {
    commitment: 7,
    transaction: '1.2.3',
    peer: 'CT1',
    state: 'given up',
    instances: 120,
    failed: 2,
    attempts: 9,
    trouble: 'cannot connect',
    requested_ms: 1_790_000_000_000,
    at_ms: 1_790_000_000_000,
  };
  const step = {
    step: '1.2.4',
    state: 'COMPLETED',
    source: 'dimse:CT1',
    id: 'P1',
    station: 'CT1',
    modality: 'CT',
    patient_id: 'BN-1',
    start_date: '20261122',
    start_time: '081500',
    end_date: '20261122',
    end_time: '083000',
    scheduled: [
      { study: '1.2.5', accession_number: 'CD-1', requested_procedure_id: '', scheduled_procedure_step_id: '' },
    ],
    series: ['1.2.6'],
    instances: 120,
    missing: 3,
    missing_instances: [],
  };
  let asked = 0;
  await page.route('**/api/storage-commitments', (route) =>
    route.fulfill({ json: [asked === 0 ? waiting : { ...waiting, state: 'checking', trouble: null }] }),
  );
  await page.route('**/api/storage-commitments/7/retry', (route) => {
    asked += 1;
    return route.fulfill({ status: 204 });
  });
  const untold = { notification: 3, peer: 'WS1', study: '1.2.5', attempts: 20, trouble: 'cannot connect' };
  let retried = false;
  await page.route('**/api/availability-notifications', (route) =>
    route.fulfill({ json: [{ ...untold, state: retried ? 'told' : 'given up', queued_ms: 1_790_000_000_000 }] }),
  );
  await page.route('**/api/availability-notifications/3/retry', (route) => {
    retried = true;
    return route.fulfill({ status: 204 });
  });
  const vouching = { peer: 'PACS2', instances: 5, refused: 0, reasons: [], trouble: null, asked_ms: 1_790_000_000_000 };
  await page.route('**/api/asked-commitments', (route) =>
    route.fulfill({
      json: [
        { ...vouching, transaction: '1.2.7', state: 'asked' },
        {
          ...vouching,
          transaction: '1.2.8',
          peer: 'CT7',
          state: 'not asked',
          trouble: 'the node does not answer in time',
        },
        { ...vouching, transaction: '1.2.9', peer: 'VNA', state: 'given', answered_ms: 1_790_000_100_000 },
        {
          ...vouching,
          transaction: '1.2.10',
          peer: 'OLD',
          state: 'refused',
          refused: 2,
          reasons: ['0112'],
          answered_ms: 1_790_000_100_000,
        },
      ],
    }),
  );
  await page.route('**/api/performed-procedure-steps', (route) => route.fulfill({ json: [step] }));
  await page.goto('/machines/reports');
  const commitment = page.getByRole('region', { name: 'Cam kết lưu trữ (' }).getByRole('row', { name: /CT1/ });
  await expect(commitment).toContainText('Đã thôi báo');
  await expect(commitment).toContainText('thiếu 2');
  await expect(commitment).toContainText('Không kết nối được');
  await expect(page.getByRole('row', { name: /BN-1/ })).toContainText('thiếu 3');
  const theirs = page.getByRole('region', { name: 'Cam kết lưu trữ đã hỏi các máy' });
  await expect(theirs.getByRole('row', { name: /PACS2/ })).toContainText('Chưa trả lời');
  await expect(theirs.getByRole('row', { name: /CT7/ })).toContainText(/Không hỏi được.*Máy không trả lời kịp thời/);
  await expect(theirs.getByRole('row', { name: /VNA/ })).toContainText('Cam kết tất cả');
  await expect(theirs.getByRole('row', { name: /OLD/ })).toContainText(/2 không được cam kết.*Máy không có ảnh đó/);
  await keepPicture(page, 'machine-reports-filled');
  await commitment.getByRole('button', { name: 'Báo lại cho CT1' }).press('Enter');
  await expect(commitment).toContainText('Đang kiểm tra');
  const notification = page.getByRole('region', { name: 'Ca chụp báo cho máy' }).getByRole('row', { name: /WS1/ });
  await expect(notification).toContainText('Đã thôi báo');
  await notification.getByRole('button', { name: 'Báo lại cho WS1' }).press('Enter');
  await expect(notification).toContainText('Đã báo cho máy');
});

test('a refused machine is let in with one act, and its settings are at hand', async ({ signedIn: page }) => {
  const refused = {
    calling_ae_title: 'US2',
    called_ae_title: 'FILMLESS',
    address: '10.0.0.30',
    reason: 'calling AE title not recognized',
    abstract_syntaxes: [],
    first_ms: 1_790_000_000_000,
    at_ms: 1_790_000_000_000,
    count: 3,
  };
  let accepted = false;
  await page.route('**/api/inbox', (route) => route.fulfill({ json: accepted ? [] : [refused] }));
  await page.route('**/api/inbox/accept', async (route) => {
    accepted = true;
    await route.fulfill({ status: 204 });
  });
  await page.route('**/api/peers', (route) =>
    route.fulfill({ json: accepted ? [{ ae_title: 'US2', address: '10.0.0.30', allow: ['store'] }] : [] }),
  );
  await page.goto('/machines');
  await expect(page.getByRole('row', { name: /US2/ })).toContainText('chưa được khai báo');
  await page.getByRole('button', { name: 'Chấp nhận US2' }).press('Enter');
  const said = page.getByRole('status').filter({ hasText: 'US2 đã được chấp nhận' });
  await expect(said).toBeVisible();
  await said.getByRole('button', { name: 'Thiết lập của US2' }).click();
  await expect(page.getByRole('dialog', { name: 'Thiết lập của US2' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('what a machine sends wrongly is corrected, seen before, and saved', async ({
  signedIn: page,
  baseURL,
  watch,
}) => {
  // An attribute that cannot be coerced is answered 400.
  watch.allow(/\/api\/coercion-rules/);
  const headers = { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
  const added = await page.request.put('/api/peers/COERCED', { headers, data: { allow: ['store'] } });
  expect(added.status(), await added.text()).toBe(204);
  await page.goto('/machines');
  await page.getByRole('button', { name: 'Hiệu chỉnh dữ liệu của COERCED' }).press('Enter');
  const panel = page.getByRole('dialog', { name: 'Hiệu chỉnh dữ liệu của COERCED' });
  await panel.getByLabel('Chữ không khai báo bảng mã được đọc theo').selectOption('TCVN3 (ABC)');
  await panel.getByRole('button', { name: 'Thêm quy tắc' }).press('Enter');
  await panel.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(panel.getByRole('alert')).toHaveText(/Quy tắc 1.*Thuộc tính/);
  await expect(panel.getByLabel('Thuộc tính', { exact: true })).toBeFocused();
  await page.keyboard.type('SOPInstanceUID');
  await panel.getByLabel('Giá trị').fill('BVDK');
  await panel.getByRole('button', { name: 'Xem trước' }).press('Enter');
  const attribute = panel.getByLabel('Thuộc tính', { exact: true });
  await expect(panel.getByRole('alert')).toHaveText(/Quy tắc 1, Thuộc tính: Không được đổi thuộc tính này/);
  await expect(attribute).toHaveAccessibleDescription(/Không được đổi thuộc tính này/);
  await attribute.fill('IssuerOfPatientID');
  await panel.getByRole('button', { name: 'Thêm điều kiện' }).press('Enter');
  await panel.getByLabel('Chỉ khi thuộc tính').fill('IssuerOfPatientID');
  await panel.getByRole('button', { name: 'Xem trước' }).press('Enter');
  await expect(panel.getByRole('status')).toContainText('Máy này chưa gửi ảnh nào');
  await keepPicture(page, 'machine-coercion');
  await panel.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(panel).toBeHidden();
  const written = (await (await page.request.get('/api/coercion-rules')).json()) as { peer: string | null }[];
  expect(written.find(({ peer }) => peer === 'COERCED')).toMatchObject({
    character_set: { assume: 'tcvn3', applies_to: 'undeclared' },
    rules: [{ attribute: 'IssuerOfPatientID', action: 'set', value: 'BVDK', when: [{ missing: true }] }],
  });

  await page.getByRole('button', { name: 'Hiệu chỉnh dữ liệu của COERCED' }).press('Enter');
  await expect(panel.getByLabel('Giá trị')).toHaveValue('BVDK');
  await panel.getByLabel('Chữ không khai báo bảng mã được đọc theo').selectOption('Như tiêu chuẩn quy định');
  await panel.getByRole('button', { name: 'Bỏ quy tắc 1' }).press('Enter');
  await panel.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(panel).toBeHidden();
  const left = (await (await page.request.get('/api/coercion-rules')).json()) as { peer: string | null }[];
  expect(left.filter(({ peer }) => peer === 'COERCED')).toEqual([]);
  expect((await page.request.delete('/api/peers/COERCED', { headers })).status()).toBe(204);
});

test('what is corrected for all machines is set beside what is for one', async ({ signedIn: page, baseURL }) => {
  const headers = { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
  for (const name of ['ALL1', 'ALL2']) {
    const added = await page.request.put(`/api/peers/${name}`, { headers, data: { allow: ['store'] } });
    expect(added.status(), await added.text()).toBe(204);
  }
  await page.goto('/machines');
  const open = page.getByRole('button', { name: 'Hiệu chỉnh dữ liệu của mọi máy' });
  await open.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Hiệu chỉnh dữ liệu của mọi máy' });
  await panel.getByRole('button', { name: 'Thêm quy tắc' }).press('Enter');
  await panel.getByLabel('Thuộc tính', { exact: true }).fill('PatientID');
  await panel.getByLabel('Thao tác').selectOption('Bỏ khoảng trắng thừa');
  await panel.getByLabel('Xem trước với ảnh gần nhất của máy').selectOption('ALL2');
  const previewed = page.waitForRequest('**/api/coercion-rules/preview');
  await panel.getByRole('button', { name: 'Xem trước' }).press('Enter');
  expect((await previewed).postDataJSON()).toMatchObject({ peer: 'ALL2', rules: [{ attribute: 'PatientID' }] });
  await expect(panel.getByRole('status')).toContainText('Máy này chưa gửi ảnh nào');
  await keepPicture(page, 'machine-coercion-all');
  await panel.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(panel).toBeHidden();
  const rules = [{ attribute: 'PatientID', action: 'trim' }];
  const written = await (await page.request.get('/api/coercion-rules')).json();
  expect(written).toEqual([{ peer: null, character_set: null, rules }]);

  // A machine's own are others.
  await page.getByRole('button', { name: 'Hiệu chỉnh dữ liệu của ALL1' }).press('Enter');
  await expect(page.getByRole('dialog', { name: 'Hiệu chỉnh dữ liệu của ALL1' })).not.toContainText('Quy tắc 1');
  await page.keyboard.press('Escape');
  await open.press('Enter');
  await panel.getByRole('button', { name: 'Bỏ quy tắc 1' }).press('Enter');
  await panel.getByRole('button', { name: 'Lưu thay đổi' }).press('Enter');
  await expect(panel).toBeHidden();
  expect(await (await page.request.get('/api/coercion-rules')).json()).toEqual([]);
  for (const name of ['ALL1', 'ALL2']) {
    expect((await page.request.delete(`/api/peers/${name}`, { headers })).status()).toBe(204);
  }
});
