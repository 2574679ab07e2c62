/** Measuring and marking: what is drawn is measured right, can be taken back, is kept in the study and opened again. */
import { writeFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { copyOf } from './copy';
import { expect, keepPicture, test } from './fixtures';
import { drawn, openStudy, picture } from './picture';
import { resultsFolder } from './results';
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
  baseURL,
}) => {
  await openStudy(page, await copyOf(page.request, baseURL, studies.ctHeadPhantom, 'CT'));
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
  await expect(page.getByText('Đã lưu tất cả')).toBeHidden();
  // The picture takes the place of the panel: what is drawn has its place when it stays there.
  const reads: (string | null)[][] = [];
  await expect
    .poll(
      async () => {
        reads.push(await lines());
        return new Set(reads.slice(-4).map((read) => read.join())).size === 1 && reads.length >= 4;
      },
      { intervals: [200] },
    )
    .toBe(true);
  const paths = reads.at(-1) ?? [];
  const texts = await textsOf(page);
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

/** Takes a tool that is not on the bar. */
async function takeFromMenu(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Công cụ đo và chú thích khác' }).click();
  await page.getByRole('menuitem', { name }).click();
}

async function click(page: Page, ...places: readonly Place[]): Promise<void> {
  for (const place of places) {
    const { x, y } = await at(page, place);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.up();
  }
}

test('every kind is drawn, key images are marked, and all of it is there again after it was saved', async ({
  signedIn: page,
  baseURL,
}) => {
  const study = await copyOf(page.request, baseURL, studies.mrSagittal, 'MR');
  await openStudy(page, study);
  await takeTool(page, 'a');
  await drag(page, [0.35, 0.2], [0.35, 0.35]);
  await click(page, [0.45, 0.35]);
  expect(numberAfter((await textsOf(page)).at(-1) ?? '')).toBeCloseTo(90, 0);
  await page.keyboard.press('b');
  await drag(page, [0.55, 0.2], [0.65, 0.2]);
  await takeFromMenu(page, 'Góc Cobb');
  await drag(page, [0.35, 0.45], [0.45, 0.45]);
  await drag(page, [0.35, 0.55], [0.45, 0.55]);
  expect(numberAfter((await textsOf(page)).at(-1) ?? '')).toBeCloseTo(0, 0);
  await takeFromMenu(page, 'Tỷ lệ tim ngực');
  await drag(page, [0.5, 0.5], [0.55, 0.5]);
  await drag(page, [0.5, 0.55], [0.6, 0.55]);
  expect((await textsOf(page)).at(-1)).toBe('Tỷ lệ 0,50');
  await takeFromMenu(page, 'Vùng chữ nhật');
  await drag(page, [0.5, 0.62], [0.56, 0.7]);
  await takeFromMenu(page, 'Vùng tự do');
  const outline = await Promise.all(
    (
      [
        [0.6, 0.62],
        [0.66, 0.62],
        [0.66, 0.7],
        [0.6, 0.7],
      ] as const
    ).map((place) => at(page, place)),
  );
  await page.mouse.move(outline[0]?.x ?? 0, outline[0]?.y ?? 0);
  await page.mouse.down();
  for (const { x, y } of outline.slice(1)) {
    await page.mouse.move(x, y, { steps: 8 });
  }
  await page.mouse.up();
  await takeFromMenu(page, 'Giá trị tại điểm');
  await click(page, [0.5, 0.75]);
  await takeFromMenu(page, 'Đánh số đốt sống');
  await click(page, [0.4, 0.8]);
  await page.getByRole('textbox', { name: 'Nội dung' }).fill('L4');
  await page.keyboard.press('Enter');
  await click(page, [0.4, 0.85]);
  await expect.poll(async () => (await textsOf(page)).at(-1)).toBe('L5');
  await page.getByRole('button', { name: 'Mũi tên' }).click();
  await drag(page, [0.55, 0.8], [0.6, 0.85]);
  await page.getByRole('textbox', { name: 'Nội dung' }).fill('Thoát vị đĩa đệm');
  await page.keyboard.press('Enter');
  await takeFromMenu(page, 'Chú thích');
  await click(page, [0.45, 0.92]);
  await page.getByRole('textbox', { name: 'Nội dung' }).fill('<b>Ghi chú</b>');
  await page.keyboard.press('Enter');
  await expect(annotations(page)).toHaveCount(11);
  await page.keyboard.press('k');
  await expect(page.getByTestId('key-image')).toBeVisible();

  const lengthBefore = numberAfter((await textsOf(page))[1] ?? '', 'Dài');
  await takeFromMenu(page, 'Hiệu chuẩn theo độ dài đã biết');
  await drag(page, [0.5, 0.1], [0.6, 0.1]);
  await page.getByRole('textbox', { name: 'Độ dài đã biết (mm)' }).fill('12,5');
  await page.keyboard.press('Enter');
  // Drawn as wide as the long axis: that is the known length now.
  await expect.poll(async () => numberAfter((await textsOf(page))[1] ?? '', 'Dài')).toBeCloseTo(12.5, 0);
  expect((await textsOf(page))[1]).toContain('hiệu chuẩn bằng tay');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  expect(numberAfter((await textsOf(page))[1] ?? '', 'Dài')).toBe(lengthBefore);
  await page.keyboard.press('Control+y');
  await page.keyboard.press('Control+y');

  await page.keyboard.press('r');
  await page.keyboard.press('n');
  await page.getByLabel('Mục đích của ảnh tiêu biểu').selectOption('forConference');
  await keepPicture(page, 'annotations-all-kinds');
  await page.getByRole('button', { name: 'Lưu vào ca chụp' }).click();
  await expect(page.getByText('Đã lưu tất cả')).toBeVisible();
  await page.keyboard.press('n');
  const texts = await textsOf(page);
  await page.reload();
  await drawn(page);
  await expect(annotations(page)).toHaveCount(12);
  expect((await textsOf(page)).toSorted()).toEqual(texts.toSorted());
  await expect(page.getByTestId('key-image')).toBeVisible();
  await page.keyboard.press('n');
  await expect(page.getByLabel('Mục đích của ảnh tiêu biểu')).toHaveValue('forConference');
  await page.keyboard.press('n');

  // The presentation state is drawn by the server as well.
  const states = await page.request.get(`/dicom-web/studies/${study}/instances?Modality=PR`, {
    headers: { Accept: 'application/dicom+json' },
  });
  const [state] = (await states.json()) as Record<string, { Value?: string[] }>[];
  const [series, instance] = ['0020000E', '00080018'].map((tag) => state?.[tag]?.Value?.[0]);
  const rendered = await page.request.get(
    `/dicom-web/studies/${study}/series/${series}/instances/${instance}/rendered`,
    {
      headers: { Accept: 'image/png' },
    },
  );
  expect(rendered.status()).toBe(200);
  await writeFile(`${resultsFolder}/annotations-presentation-state.png`, await rendered.body());

  // What is taken away stays away, and the version before is there still.
  await page.keyboard.press('k');
  await expect(page.getByTestId('key-image')).toBeHidden();
  await page.keyboard.press('n');
  await page.getByRole('button', { name: 'Xóa <b>Ghi chú</b>' }).click();
  await page.getByRole('button', { name: 'Lưu vào ca chụp' }).click();
  await expect(page.getByText('Đã lưu tất cả')).toBeVisible();
  await page.reload();
  await drawn(page);
  await expect(annotations(page)).toHaveCount(11);
  await expect(page.getByTestId('key-image')).toBeHidden();
  await page.keyboard.press('n');
  await page.getByText('2 phiên bản đã lưu').click();
  const versions = page.getByRole('list', { name: 'Các phiên bản đã lưu' });
  await versions.getByRole('button', { name: '12 chú thích' }).click();
  await expect(page.getByText('Đang xem một phiên bản cũ')).toBeVisible();
  await expect(annotations(page)).toHaveCount(12);
  await expect(page.getByRole('button', { name: /^(Xóa|Đổi tên) / })).toHaveCount(0);
  await keepPicture(page, 'annotations-earlier-version');
  await page.getByRole('button', { name: 'Về bản hiện tại' }).click();
  await expect(annotations(page)).toHaveCount(11);
  await expect(page.getByText('Đã lưu tất cả')).toBeVisible();
});

test('key images that others selected are listed with what they are for, and gone to', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('n');
  const chosen = page.getByRole('list', { name: 'Ảnh tiêu biểu: Đáng chú ý' });
  await expect(chosen).toBeVisible();
  await expect(page.getByRole('list', { name: /Rejected for Quality Reasons/ })).toBeVisible();
  const frames = new Set<string | null>();
  for (const image of await chosen.getByRole('button').all()) {
    await image.click();
    await drawn(page);
    frames.add(await page.getByTestId('frame-position').innerText());
  }
  expect(frames.size).toBe(await chosen.getByRole('button').count());
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

for (const { name, study, from, to, expected } of [
  {
    name: 'at the detector',
    study: '1.2.752.24.3.1350155494.586195',
    from: [0.45, 0.45],
    to: [0.55, 0.55],
    expected: /mm\ntại tấm nhận ảnh/,
  },
  {
    name: 'in pixels',
    study: studies.crJpeg2000,
    from: [0.45, 0.45],
    to: [0.55, 0.55],
    expected: /điểm ảnh\nchưa hiệu chuẩn/,
  },
  {
    name: 'in an ultrasound region',
    study: studies.usPalette,
    from: [0.45, 0.3],
    to: [0.5, 0.4],
    expected: /^\d+,\d mm$/,
  },
  {
    name: 'out of an ultrasound region, in pixels',
    study: studies.usPalette,
    from: [0.5, 0.4],
    to: [0.5, 0.01],
    expected: /điểm ảnh\nchưa hiệu chuẩn/,
  },
] as const) {
  test(`a length is measured ${name}, as the header has it, and says so`, async ({ signedIn: page }) => {
    await openStudy(page, study);
    await takeTool(page, 'd');
    await drag(page, from, to);
    await expect(annotations(page)).toHaveCount(1);
    expect((await textsOf(page))[0]).toMatch(expected);
    await keepPicture(page, `annotations-${name.replaceAll(/\W+/g, '-')}`);
  });
}

test('values of PET are SUV by body weight, and those of lossy images say so', async ({ signedIn: page }) => {
  await openStudy(page, '1.3.6.1.4.1.14519.5.2.1.7009.2401.541147157881199293470020980360');
  const raw = await rawFrame(page);
  await takeTool(page, 'e');
  const box = await picture(page).first().boundingBox();
  const half = ((box?.height ?? 0) * 0.2) / (box?.width ?? 1);
  await drag(page, [0.5 - half, 0.3], [0.5 + half, 0.7]);
  await expect(annotations(page)).toHaveCount(1);
  const [text = ''] = await textsOf(page);
  expect(text).toContain('SUVbw');
  const inside = raw.values.filter((_, index) => {
    const [x, y] = [(index % raw.columns) + 0.5, Math.floor(index / raw.columns) + 0.5];
    return Math.hypot(x - raw.columns / 2, y - raw.rows / 2) <= raw.rows * 0.2;
  });
  const factor = await page.evaluate(async () => {
    const frame = performance.getEntriesByType('resource').find(({ name }) => /\/frames\/1$/.test(name))?.name;
    const address = `${frame?.replace(/\/frames\/1$/, '')}/metadata`;
    const [header] = await (await fetch(address, { headers: { Accept: 'application/dicom+json' } })).json();
    const isotope = header['00540016'].Value[0];
    const clock = (time: string) =>
      Number(time.slice(0, 2)) * 3600 + Number(time.slice(2, 4)) * 60 + Number(time.slice(4, 6));
    const waited = clock(header['00080031'].Value[0]) - clock(isotope['00181072'].Value[0]);
    const left = Number(isotope['00181074'].Value[0]) * 2 ** (-waited / Number(isotope['00181075'].Value[0]));
    return (Number(header['00101030'].Value[0]) * 1000) / left;
  });
  const mean = (inside.reduce((sum, value) => sum + value, 0) / inside.length) * factor;
  expect(mean).toBeGreaterThan(0.05);
  expect(Math.abs(numberAfter(text, 'TB') / mean - 1)).toBeLessThan(0.05);

  await openStudy(page, studies.crJpeg2000);
  await takeTool(page, 'e');
  await drag(page, [0.45, 0.45], [0.55, 0.55]);
  await expect.poll(async () => (await textsOf(page))[0]).toContain('giá trị sau nén mất dữ liệu');
});
