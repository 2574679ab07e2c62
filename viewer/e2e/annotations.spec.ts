/** Measuring and marking: what is drawn is measured right, can be taken back, is kept in the study and opened again. */
import type { Locator, Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { drawn, openStudy, picture } from './picture';
import { studies } from './studies';

/** A place of the picture as shares of its area. */
type Place = readonly [across: number, down: number];

async function at(page: Page, [across, down]: Place): Promise<{ x: number; y: number }> {
  const box = await picture(page).first().boundingBox();
  return { x: (box?.x ?? 0) + across * (box?.width ?? 0), y: (box?.y ?? 0) + down * (box?.height ?? 0) };
}

async function drag(page: Page, from: Place, to: Place): Promise<void> {
  const [start, end] = [await at(page, from), await at(page, to)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2);
  await page.mouse.move(end.x, end.y);
  await page.mouse.up();
}

function annotations(page: Page): Locator {
  return page.getByTestId('annotation');
}

function textsOf(page: Page): Promise<string[]> {
  return page
    .getByTestId('annotation-text')
    .evaluateAll((texts) =>
      texts.map((text) => [...text.querySelectorAll('tspan')].map(({ textContent }) => textContent).join('\n')),
    );
}

/** Takes the tool on this key, once there is something to draw with. */
async function takeTool(page: Page, key: string): Promise<void> {
  await expect(page.getByRole('button', { name: 'Đo khoảng cách' })).toBeEnabled();
  await page.keyboard.press(key);
}

/** The first number after a word, in Vietnamese or English writing of whole thousands and tenths. */
function numberAfter(text: string, word = ''): number {
  const [, number = ''] = new RegExp(`${word}\\s*(-?[\\d.,]+)`).exec(text) ?? [];
  return Number(number.replaceAll('.', '').replace(',', '.'));
}

interface Raw {
  readonly spacing: number;
  readonly rows: number;
  readonly columns: number;
  /** Modality values, by our own reading of the stored pixels. */
  readonly values: readonly number[];
}

/** The frame that is on the screen, fetched by its address and read by what its header says. */
async function rawFrame(page: Page): Promise<Raw> {
  return page.evaluate(async () => {
    const address = performance
      .getEntriesByType('resource')
      .map(({ name }) => name)
      .find((name) => /\/frames\/1$/.test(name));
    const instance = address?.replace(/\/frames\/1$/, '') ?? '';
    const [header] = await (
      await fetch(`${instance}/metadata`, { headers: { Accept: 'application/dicom+json' } })
    ).json();
    const value = (tag: string) => Number(header[tag]?.Value?.[0]);
    const response = await fetch(`${instance}/frames/1`, {
      headers: { Accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1' },
    });
    const body = new Uint8Array(await response.arrayBuffer());
    const [rows, columns] = [value('00280010'), value('00280011')];
    const length = rows * columns * 2;
    const headEnd = body.findIndex((_, index) => body.slice(index, index + 4).join() === '13,10,13,10') + 4;
    const pixels = new DataView(body.slice(headEnd, headEnd + length).buffer);
    const isSigned = value('00280103') === 1;
    const values = Array.from({ length: rows * columns }, (_, index) => {
      const stored = isSigned ? pixels.getInt16(2 * index, true) : pixels.getUint16(2 * index, true);
      return stored * value('00281053') + value('00281052');
    });
    return { spacing: value('00280030'), rows, columns, values };
  });
}

/** Millimetres of one pixel of the screen, for a picture that is as high as its viewport. */
async function mmPerPixel(page: Page, { rows, spacing }: Raw): Promise<number> {
  const box = await picture(page).first().boundingBox();
  return (rows * spacing) / (box?.height ?? 0);
}

test('a length and the values of a region are those of header and pixels, drawn again exactly when the study is opened again', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  const raw = await rawFrame(page);
  const mm = await mmPerPixel(page, raw);
  await takeTool(page, 'd');
  const [from, to] = [await at(page, [0.4, 0.5]), await at(page, [0.6, 0.6])];
  await drag(page, [0.4, 0.5], [0.6, 0.6]);
  await expect(annotations(page)).toHaveCount(1);
  const [length = ''] = await textsOf(page);
  expect(length).toMatch(/^\d+,\d mm$/);
  expect(Math.abs(numberAfter(length) - mm * Math.hypot(to.x - from.x, to.y - from.y))).toBeLessThan(0.3);

  await page.keyboard.press('e');
  await drag(page, [0.45, 0.3], [0.55, 0.45]);
  await expect(annotations(page)).toHaveCount(2);
  const text = (await textsOf(page))[1] ?? '';
  const [corner, opposite] = [await at(page, [0.45, 0.3]), await at(page, [0.55, 0.45])];
  const box = await picture(page).first().boundingBox();
  const scale = raw.rows / (box?.height ?? 1);
  // The middle of the viewport is that of the picture.
  const column = (x: number) => (x - (box?.x ?? 0) - (box?.width ?? 0) / 2) * scale + raw.columns / 2 - 0.5;
  const row = (y: number) => (y - (box?.y ?? 0)) * scale - 0.5;
  const [cx, cy] = [(column(corner.x) + column(opposite.x)) / 2, (row(corner.y) + row(opposite.y)) / 2];
  const [rx, ry] = [(column(opposite.x) - column(corner.x)) / 2, (row(opposite.y) - row(corner.y)) / 2];
  const inside = raw.values.filter(
    (_, index) => (((index % raw.columns) - cx) / rx) ** 2 + ((Math.floor(index / raw.columns) - cy) / ry) ** 2 <= 1,
  );
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length);
  expect(inside.length).toBeGreaterThan(1000);
  expect(text).toContain('HU');
  expect(Math.abs(numberAfter(text, 'Diện tích') - Math.PI * rx * ry * raw.spacing ** 2)).toBeLessThan(3);
  // A row of pixels more or less: the edge of the region is where the hand was.
  expect(Math.abs(numberAfter(text, 'TB') - mean)).toBeLessThan(6);
  expect(Math.abs(numberAfter(text, 'ĐLC') - deviation)).toBeLessThan(6);
  expect(numberAfter(text, 'Nhỏ nhất')).toBeCloseTo(Math.min(...inside), 0);

  await page.keyboard.press('n');
  await expect(page.getByText('Có chú thích chưa lưu')).toBeVisible();
  await page.getByRole('button', { name: /Đổi tên Vùng elip/ }).click();
  await page.getByRole('textbox', { name: 'Nội dung' }).fill('Nốt ở thùy trên phổi phải');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Lưu vào ca chụp' }).click();
  await expect(page.getByText('Đã lưu tất cả')).toBeVisible();
  await keepPicture(page, 'annotations-saved');
  const lines = () =>
    annotations(page)
      .locator('path:nth-child(2)')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
  await page.keyboard.press('n');
  const [texts, paths] = [await textsOf(page), await lines()];
  await page.reload();
  await drawn(page);
  await expect(annotations(page)).toHaveCount(2);
  expect(await textsOf(page)).toEqual(texts);
  const reopened = await lines();
  expect(reopened.map((path) => path?.match(/-?[\d.]+/g)?.map((number) => Math.round(Number(number) * 10)))).toEqual(
    paths.map((path) => path?.match(/-?[\d.]+/g)?.map((number) => Math.round(Number(number) * 10))),
  );
  await page.keyboard.press('n');
  await page.getByText('1 phiên bản đã lưu').click();
  await expect(page.getByRole('list', { name: 'Các phiên bản đã lưu' })).toContainText('2 chú thích');
});

test('what is drawn is taken back and done again, moved, deleted and left alone by Escape', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.mrSagittal);
  await takeTool(page, 'd');
  await drag(page, [0.4, 0.4], [0.6, 0.4]);
  await expect(annotations(page)).toHaveCount(1);
  const [first] = await textsOf(page);
  await page.keyboard.press('Control+z');
  await expect(annotations(page)).toHaveCount(0);
  await page.keyboard.press('Control+y');
  await expect(annotations(page)).toHaveCount(1);

  // A handle goes before the tool: nothing new is drawn, and the line is twice as long.
  await drag(page, [0.6, 0.4], [0.8, 0.4]);
  await expect(annotations(page)).toHaveCount(1);
  const [longer = ''] = await textsOf(page);
  expect(numberAfter(longer) / numberAfter(first ?? '')).toBeCloseTo(2, 1);
  await page.keyboard.press('Control+z');
  expect(await textsOf(page)).toEqual([first]);

  // Turned and flipped it lies on the same pixels.
  await page.keyboard.press('r');
  await page.keyboard.press('h');
  expect(await textsOf(page)).toEqual([first]);
  await page.keyboard.press(' ');

  await page.keyboard.press('a');
  const corner = await at(page, [0.5, 0.7]);
  await page.mouse.click(corner.x, corner.y);
  await page.mouse.move(corner.x + 100, corner.y);
  await expect(annotations(page)).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(annotations(page)).toHaveCount(1);

  await page.keyboard.press('w');
  const line = await at(page, [0.5, 0.4]);
  await page.mouse.click(line.x, line.y);
  await page.keyboard.press('Delete');
  await expect(annotations(page)).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(annotations(page)).toHaveCount(1);

  await page.getByRole('link', { name: 'Về danh sách ca chụp' }).click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await keepPicture(page, 'annotations-leave');
  await page.getByRole('button', { name: 'Ở lại' }).click();
  await expect(annotations(page)).toHaveCount(1);
  await page.getByRole('link', { name: 'Về danh sách ca chụp' }).click();
  await page.getByRole('button', { name: 'Rời đi, không lưu' }).click();
  await expect(page).toHaveURL(/\/$/);
});
