import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { element, imageFile, newUid } from './part10';
import { openStudy, picture } from './picture';
import { resultsFolder } from './results';
import { studies } from './studies';

const computedTomography = '1.2.840.10008.5.1.4.1.1.2';
const mmPerPixel = 0.25;
const [columns, rows] = [512, 256];
/** The two bright lines are so far apart. */
const apartMm = 100;
const lines = [56, 56 + apartMm / mmPerPixel] as const;

/** Three slices with two upright lines, told apart by the grey between them. */
function linedStudy(): { study: string; files: Buffer[] } {
  const [study, series] = [newUid(), newUid()];
  const files = [40, 60, 80].map((grey, at) => {
    const pixels = Buffer.alloc(rows * columns, grey);
    for (let row = 0; row < rows; row += 1) {
      for (const column of lines) {
        pixels[row * columns + column] = 255;
      }
    }
    return imageFile(
      computedTomography,
      { patientName: 'PHANTOM^PAPER', patientId: 'E2E-PAPER', study, series, modality: 'CT' },
      { rows, columns, pixels, number: at + 1 },
      {
        group20: Buffer.concat([element(0x20, 0x11, 'IS', '1'), element(0x20, 0x13, 'IS', String(at + 1))]),
        group28: element(0x28, 0x30, 'DS', `${mmPerPixel}\\${mmPerPixel}`),
        voi: Buffer.concat([element(0x28, 0x1050, 'DS', '128'), element(0x28, 0x1051, 'DS', '256')]),
      },
    );
  });
  return { study, files };
}

/** Makes the print and gives its path. */
async function print(page: Page, name: string): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'In ảnh' });
  await dialog.getByRole('button', { name: 'Tạo bản in' }).click();
  await expect(dialog.getByText('Bản in đã sẵn sàng.')).toBeVisible({ timeout: 90_000 });
  const downloading = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Lưu PDF' }).click();
  const path = `${resultsFolder}/${name}.pdf`;
  await writeFile(path, await readFile(await (await downloading).path()));
  await dialog.getByRole('button', { name: 'Đóng' }).last().click();
  return path;
}

const dotsPerMm = 10;

/** The page as poppler draws it: how many dots are yellow as annotations are, and where the brightest columns stand. */
async function drawn(page: Page, path: string): Promise<{ yellow: number; lines: readonly number[] }> {
  execFileSync('pdftoppm', ['-r', String(dotsPerMm * 25.4), '-png', '-singlefile', path, path.replace(/\.pdf$/, '')]);
  const encoded = (await readFile(path.replace(/\.pdf$/, '.png'))).toString('base64');
  return page.evaluate(async (file) => {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    const paper = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(paper.width, paper.height).getContext('2d');
    if (!context) {
      throw new Error('no context');
    }
    context.drawImage(paper, 0, 0);
    const { data } = context.getImageData(0, 0, paper.width, paper.height);
    let yellow = 0;
    // Rows of dots in which the picture lies: dark at the left of the middle, where the paper beside it is white.
    const columns = new Float64Array(paper.width);
    const middle = Math.floor(paper.height / 2);
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
      yellow += red > 200 && green > 160 && blue < 130 ? 1 : 0;
      const [x, y] = [(at / 4) % paper.width, Math.floor(at / 4 / paper.width)];
      if (Math.abs(y - middle) < 20) {
        columns[x] = (columns[x] ?? 0) + green / 39;
      }
    }
    // Bright between dark: a line, at the middle of its brightness.
    const found: number[] = [];
    const dark = (x: number) => (columns[x] ?? 255) < 130;
    for (let x = 0; x < paper.width; x += 1) {
      if (!dark(x) && dark(x - 1)) {
        let end = x;
        while (end < paper.width && !dark(end)) {
          end += 1;
        }
        if (end - x < 12 && end < paper.width) {
          let [sum, weight] = [0, 0];
          for (let at = x - 4; at < end + 4; at += 1) {
            const light = Math.max(0, (columns[at] ?? 0) - 90);
            sum += at * light;
            weight += light;
          }
          found.push(sum / weight);
        }
        x = end;
      }
    }
    return { yellow, lines: found };
  }, encoded);
}

test('key images with what is drawn on them are printed at their true size, and without it if that is wished', async ({
  signedIn: page,
  baseURL,
}) => {
  const { study, files } = linedStudy();
  await storeFiles(page.request, baseURL, files);
  await openStudy(page, study);
  await expect(page.getByRole('button', { name: 'Đo khoảng cách' })).toBeEnabled();
  // The second of three is marked and measured.
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 2 / 3');
  await page.keyboard.press('k');
  await expect(page.getByTestId('key-image')).toBeVisible();
  await page.keyboard.press('d');
  const box = await picture(page).boundingBox();
  const at = (x: number, y: number) =>
    [(box?.x ?? 0) + x * (box?.width ?? 0), (box?.y ?? 0) + y * (box?.height ?? 0)] as const;
  await page.mouse.move(...at(0.3, 0.4));
  await page.mouse.down();
  await page.mouse.move(...at(0.4, 0.4));
  await page.mouse.move(...at(0.6, 0.4));
  await page.mouse.up();
  await expect(page.getByTestId('annotation-text')).toContainText('mm');
  await page.keyboard.press('ArrowUp');

  const dialog = page.getByRole('dialog', { name: 'In ảnh' });
  const open = async () => {
    await page.keyboard.press('Control+p');
    await dialog.getByLabel('Ảnh', { exact: true }).selectOption({ label: 'Các ảnh tiêu biểu (1)' });
    await dialog.getByRole('checkbox', { name: 'Đúng kích thước thật' }).check();
  };
  await open();
  await expect(dialog.getByRole('checkbox', { name: 'Chú thích, số đo và dấu ảnh tiêu biểu' })).toBeChecked();
  await keepPicture(page, 'paper-dialog');
  const withDrawings = await print(page, 'paper-key');
  const paper = await drawn(page, withDrawings);
  expect(paper.yellow).toBeGreaterThan(500);
  expect(execFileSync('pdftotext', [withDrawings, '-'], { encoding: 'utf8' })).toContain('1:1');

  await open();
  await dialog.getByRole('checkbox', { name: 'Chú thích, số đo và dấu ảnh tiêu biểu' }).uncheck();
  const bare = await drawn(page, await print(page, 'paper-bare'));
  expect(bare.yellow).toBe(0);
  expect(bare.lines).toHaveLength(2);
  const [first = 0, second = 0] = bare.lines;
  // 100 mm of the patient are 100 mm of the paper, to less than half a millimetre.
  expect(Math.abs((second - first) / dotsPerMm - apartMm)).toBeLessThan(0.5);
});

test('what was compressed with loss is not for diagnosis on paper, in both languages', async ({ signedIn: page }) => {
  await openStudy(page, studies.usLongCine);
  await page.keyboard.press('Control+p');
  const path = await print(page, 'paper-lossy');
  const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
  expect(text).toContain('KHÔNG DÙNG ĐỂ CHẨN ĐOÁN / NOT FOR DIAGNOSIS');
  expect(text).toContain('ảnh lưu nén mất dữ liệu / stored with lossy compression');
});

test('what is larger than a print can be is not for diagnosis on paper', async ({ signedIn: page, baseURL }) => {
  const [study, series] = [newUid(), newUid()];
  const [wide, high] = [5200, 64];
  const pixels = Buffer.from(Array.from({ length: wide * high }, (_, at) => (at % wide) % 256));
  const belonging = { patientName: 'PHANTOM^PAPER WIDE', patientId: 'E2E-PAPER-WIDE', study, series, modality: 'CR' };
  await storeFiles(page.request, baseURL, [
    imageFile('1.2.840.10008.5.1.4.1.1.1', belonging, { rows: high, columns: wide, pixels, number: 1 }),
  ]);
  await openStudy(page, study);
  await page.keyboard.press('Control+p');
  const text = execFileSync('pdftotext', ['-layout', await print(page, 'paper-reduced'), '-'], { encoding: 'utf8' });
  expect(text).toContain('NOT FOR DIAGNOSIS');
  expect(text).toContain('reduced in size');
});
