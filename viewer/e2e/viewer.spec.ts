import { expect, keepPicture, test } from './fixtures';
import { changedFrom, look, openStudy } from './picture';
import { studies } from './studies';

test('the address of a study opens it', async ({ signedIn: page }) => {
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await expect(page.getByTestId('zoom')).toBeVisible({ timeout: 45_000 });
  await page.reload();
  await expect(page.getByTestId('zoom')).toBeVisible({ timeout: 45_000 });
});

test('keys turn, flip, zoom, hide labels and put everything back', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  const letters = page.getByTestId('orientation');
  await expect(letters).toHaveText('RLAP');
  const original = await look(page);

  await page.keyboard.press('r');
  await expect(letters).toHaveText('PARL');
  await page.keyboard.press('[');
  await page.keyboard.press('h');
  await expect(letters).toHaveText('LRAP');
  await page.keyboard.press('h');
  await page.keyboard.press('v');
  await expect(letters).toHaveText('RLPA');
  await page.keyboard.press('v');
  await expect(letters).toHaveText('RLAP');

  const zoom = await page.getByTestId('zoom').innerText();
  await page.keyboard.press('+');
  await expect(page.getByTestId('zoom')).not.toHaveText(zoom);
  await page.keyboard.press('i');
  await page.keyboard.press('2');
  await changedFrom(page, original);
  await page.keyboard.press('o');
  await expect(page.getByTestId('labels')).toHaveCount(0);
  await page.keyboard.press('o');
  await page.locator('body').press(' ');
  await expect(page.getByTestId('zoom')).toHaveText(zoom);
  await expect(letters).toHaveText('RLAP');
  await expect.poll(async () => (await look(page)).digest).toBe(original.digest);
});

test('the active tool is on the left button: scroll, zoom, pan', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  const drag = async (dx: number, dy: number) => {
    await page.mouse.move(800, 450);
    await page.mouse.down();
    await page.mouse.move(800 + dx, 450 + dy, { steps: 10 });
    await page.mouse.up();
  };
  await page.keyboard.press('s');
  await expect(page.getByRole('button', { name: 'Cuộn ảnh' })).toHaveAttribute('aria-pressed', 'true');
  await drag(0, 200);
  await expect(page.getByTestId('frame-position')).not.toHaveText(/^Ảnh 1 \//);

  await page.getByRole('button', { name: 'Phóng to, thu nhỏ' }).click();
  const zoom = await page.getByTestId('zoom').innerText();
  await drag(0, -100);
  await expect(page.getByTestId('zoom')).not.toHaveText(zoom);

  await page.keyboard.press('p');
  const before = await look(page);
  await drag(120, 0);
  await changedFrom(page, before);
});

test('the help lists keys and mouse', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Kéo chuột phải');
  await expect(dialog).toContainText('Xương');
  await keepPicture(page, 'help');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('what Filmless is meant for, and what not, is a way from every page, in both languages', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByRole('link', { name: 'Giới thiệu và mục đích sử dụng' }).click();
  await expect(page.getByRole('heading', { name: 'Không dùng cho chẩn đoán ban đầu' })).toBeVisible();
  await expect(page.getByText(/Phiên bản \d+\.\d+\.\d+/)).toBeVisible();
  await keepPicture(page, 'about');
  await page.goto('/');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('link', { name: 'About and intended use' }).click();
  await expect(page.getByRole('heading', { name: 'Not for primary diagnosis' })).toBeVisible();
});

test('objects without pictures are named and can be downloaded', async ({ signedIn: page }) => {
  await page.goto(`/studies/${studies.model}`);
  await expect(page.getByTestId('other-objects')).toContainText('Mô hình 3D');
  await expect(page.getByTestId('other-objects')).toContainText('Encapsulated STL Storage');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Tải xuống' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^[\d.]+\.dcm$/);
  await keepPicture(page, 'other-objects');
});

test('a frame that cannot be had says so in its place, and comes on another try', async ({ signedIn: page, watch }) => {
  watch.allow(/\/frames\//);
  let broken = true;
  await page.route(/\/frames\/1$/, (route) => (broken ? route.fulfill({ status: 500, body: '' }) : route.continue()));
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await expect(page.getByTestId('frame-failure')).toContainText('Không hiện được ảnh 1');
  await keepPicture(page, 'frame-failure');
  broken = false;
  await page.getByRole('button', { name: 'Thử lại' }).click();
  await expect(page.getByTestId('zoom')).toBeVisible();
});

test('a damaged codestream is said to be damaged, not shown as a black picture', async ({ signedIn: page, watch }) => {
  // The decoder complains too.
  watch.allow(/.*/);
  await page.route(/\/frames\/1$/, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    // JPEG 2000: SOC stays, the SIZ segment after it does not (ISO/IEC 15444-1 A.5.1).
    body.fill(0, body.indexOf(Buffer.of(0xff, 0x4f, 0xff, 0x51)) + 4, body.length - 100);
    await route.fulfill({ response, body });
  });
  await page.goto(`/studies/${studies.crJpeg2000}`);
  await expect(page.getByTestId('frame-failure')).toContainText('bị hỏng');
});

test('an image in palette colour without its palette says so', async ({ signedIn: page }) => {
  await page.route(/\/metadata$/, async (route) => {
    const response = await route.fetch();
    const instances = (await response.json()) as Record<string, unknown>[];
    await route.fulfill({ response, json: instances.map(({ '00281201': _red, ...rest }) => rest) });
  });
  await page.goto(`/studies/${studies.usPalette}`);
  await expect(page.getByTestId('frame-failure')).toContainText('bị hỏng');
});

test('English changes the viewer too', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByTestId('frame-position')).toHaveText(/^Image 1 \//);
  await expect(page.getByRole('button', { name: 'Fit to screen' })).toBeVisible();
});
