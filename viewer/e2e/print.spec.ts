import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { changedFrom, look, openStudy } from './picture';
import { resultsFolder } from './results';
import { studies } from './studies';

/** What the server wrote down of a study, last first. */
async function exportsOf(page: Page, study: string): Promise<Record<string, unknown>[]> {
  const response = await page.request.get(`/api/exports?study=${study}`);
  expect(response.status()).toBe(200);
  return response.json();
}

/** Presses what saves, and gives the file. */
async function saved(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const downloading = page.waitForEvent('download', { timeout: 60_000 });
  await page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click();
  const download = await downloading;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

interface Compared {
  readonly width: number;
  readonly height: number;
  /** Mean and largest difference of grey values of the picture and of the screen, each brought to the same few pixels. */
  readonly mean: number;
  readonly most: number;
  /** Mean grey value of the screen, so that nothing is not compared with nothing. */
  readonly grey: number;
}

/** Holds a picture against what the viewport shows. */
function comparedWithScreen(page: Page, bytes: Buffer): Promise<Compared> {
  return page.evaluate(async (encoded) => {
    const file = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([file]));
    const screen = document.querySelector<HTMLCanvasElement>('[data-testid="picture"] canvas');
    if (!screen) {
      throw new Error('no picture');
    }
    const [width, height] = [160, Math.round((160 * screen.height) / screen.width)];
    const grey = (source: CanvasImageSource) => {
      const context = new OffscreenCanvas(width, height).getContext('2d');
      if (!context) {
        throw new Error('no context');
      }
      context.imageSmoothingQuality = 'high';
      context.drawImage(source, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => data[at * 4 + 1] ?? 0);
    };
    const [ours, theirs] = [grey(picture), grey(screen)];
    const differences = ours.map((value, at) => Math.abs(value - (theirs[at] ?? 0)));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      width: picture.width,
      height: picture.height,
      mean: mean(differences),
      most: Math.max(...differences),
      grey: mean(theirs),
    };
  }, bytes.toString('base64'));
}

test('an image is saved as it is on the screen, at its own resolution, and written down', async ({
  signedIn: page,
}) => {
  const study = studies.ctHeadPhantom;
  await openStudy(page, study);
  const before = (await exportsOf(page, study)).length;
  const original = await look(page);
  // Turned, flipped, magnified and windowed: all of it goes along.
  await page.keyboard.press(']');
  await page.keyboard.press('h');
  await page.keyboard.press('+');
  await page.keyboard.press('F6');
  await changedFrom(page, original);

  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog', { name: 'Lưu ảnh' });
  await expect(dialog.getByTestId('export-preview').locator('canvas')).toBeVisible();
  await keepPicture(page, 'export-dialog');
  for (const mark of ['Chữ chỉ hướng', 'Thước tỷ lệ', 'Số ảnh và cửa sổ ảnh']) {
    await dialog.getByRole('checkbox', { name: mark }).uncheck();
  }
  const { name, bytes } = await saved(page, 'Lưu');
  expect(name).toMatch(/^CT_s\d+_i\d+_[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\.png$/);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const compared = await comparedWithScreen(page, bytes);
  expect(Math.max(compared.width, compared.height)).toBeGreaterThanOrEqual(1600);
  expect(compared.grey).toBeGreaterThan(5);
  expect(compared.mean).toBeLessThan(2);

  const [row, ...rest] = await exportsOf(page, study);
  expect(rest).toHaveLength(before);
  expect(row).toMatchObject({ format: 'png', images: 1, with_identity: false, study });
  expect(name).toContain(String(row?.code));
});

test('an image is saved with the patient only if that is wanted', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog', { name: 'Lưu ảnh' });
  await dialog.getByRole('checkbox', { name: /Họ tên/ }).check();
  await dialog.getByLabel('Định dạng').selectOption({ label: 'JPEG, nhỏ hơn, có mất dữ liệu' });
  await expect(dialog.getByTestId('export-preview').locator('canvas')).toBeVisible();
  const { name, bytes } = await saved(page, 'Lưu');
  expect(name).toMatch(/\.jpg$/);
  expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  const [row] = await exportsOf(page, studies.ctHeadPhantom);
  expect(row).toMatchObject({ format: 'jpeg', with_identity: true });
});

test('an image is copied without the patient, and nothing leaves that cannot be written down', async ({
  signedIn: page,
  watch,
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('Control+c');
  await expect(page.getByText('Đã sao chép ảnh, không kèm tên người bệnh.')).toBeVisible();
  const [row] = await exportsOf(page, studies.ctHeadPhantom);
  expect(row).toMatchObject({ format: 'clipboard', with_identity: false });
  const types = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
  expect(types).toEqual(['image/png']);

  watch.allow(/\/exports$/);
  await page.evaluate(() => navigator.clipboard.writeText('before'));
  await page.route('**/exports', (route) => route.fulfill({ status: 503, body: '{}' }));
  await page.keyboard.press('Control+c');
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('before');
});

/** What poppler reads in a PDF: its text as it lies, and the sizes of its pages in points. */
function read(path: string): { text: string; pages: number; size: [number, number] } {
  const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
  const info = execFileSync('pdfinfo', [path], { encoding: 'utf8' });
  const [, pages] = /Pages:\s+(\d+)/.exec(info) ?? [];
  const [, width, height] = /Page size:\s+([\d.]+) x ([\d.]+)/.exec(info) ?? [];
  return { text, pages: Number(pages), size: [Number(width), Number(height)] };
}

test('every third image of a series is printed on film, and read back', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('Control+p');
  const dialog = page.getByRole('dialog', { name: 'In ảnh' });
  await dialog.getByLabel('Ảnh', { exact: true }).selectOption({ label: 'Cứ n ảnh lấy một ảnh của tập' });
  await dialog.getByLabel('Cứ mấy ảnh').fill('3');
  await dialog.getByLabel('Khổ giấy').selectOption({ label: 'Phim 14 × 17 inch' });
  await dialog.getByLabel('Cột × hàng').selectOption('2×2');
  await expect(dialog.getByText('1 trang, 3 ảnh')).toBeVisible();
  await keepPicture(page, 'print-dialog');
  await dialog.getByRole('button', { name: 'Tạo bản in' }).click();
  await expect(dialog.getByText('Bản in đã sẵn sàng.')).toBeVisible({ timeout: 90_000 });
  const { bytes } = await saved(page, 'Lưu PDF');
  const path = `${resultsFolder}/print-film.pdf`;
  await writeFile(path, bytes);
  const { text, pages, size } = read(path);
  expect(pages).toBe(1);
  expect(size).toEqual([expect.closeTo(14 * 72, 0), expect.closeTo(17 * 72, 0)]);
  expect(text).toContain('PLASTIC');
  expect(text).toMatch(/CT · S201 · I\d/);
  expect(text).not.toContain('CHẨN ĐOÁN');
  const [row] = await exportsOf(page, studies.ctHeadPhantom);
  expect(row).toMatchObject({ format: 'pdf', images: 3, with_identity: true });
  expect(text).toContain(String(row?.code));
  execFileSync('pdftoppm', ['-r', '60', '-png', path, `${resultsFolder}/print-film`]);
});
