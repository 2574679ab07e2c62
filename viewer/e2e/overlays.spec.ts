/** Segmentations and structure sets over the pictures they belong to: where they lie, how they are switched, and what is said. */
import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, element, imageFile, newUid, segmentationFile } from './part10';
import { drawn, openStudy, picture } from './picture';
import { studies } from './studies';

interface Spot {
  readonly count: number;
  readonly x: number;
  readonly y: number;
}

/** How much of the overlay there is, and its middle, as a share of the viewport. */
function spot(page: Page): Promise<Spot> {
  return page.getByTestId('overlay-canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let [count, x, y] = [0, 0, 0];
    for (let at = 3; at < pixels.length; at += 4) {
      if ((pixels[at] ?? 0) > 0) {
        const place = (at - 3) / 4;
        count += 1;
        x += place % canvas.width;
        y += Math.floor(place / canvas.width);
      }
    }
    return { count, x: x / count / canvas.width, y: y / count / canvas.height };
  });
}

/** How much of the picture that would be saved is not grey. */
function colouredPixels(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="export-preview"] canvas');
    const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const colours = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      count += Math.max(...colours) - Math.min(...colours) > 40 ? 1 : 0;
    }
    return canvas ? count : -1;
  });
}

/** Waits until something of the overlay is on the picture, or nothing. */
async function isThere(page: Page, there = true): Promise<void> {
  await expect.poll(async () => (await spot(page)).count > 0).toBe(there);
}

test('structures lie where their millimetres are, through zoom, rotation and flip, and are switched one by one', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('*');
  const panel = page.getByTestId('overlays');
  await expect(panel.getByRole('checkbox').first()).toBeVisible();
  for (let step = 0; step < 9 && (await spot(page)).count === 0; step += 1) {
    await page.keyboard.press('ArrowDown');
    await drawn(page);
  }
  await isThere(page);
  await expect(panel).toContainText('Theo ảnh được tham chiếu');
  await keepPicture(page, 'overlays-structures');
  const before = await spot(page);

  await page.keyboard.press('h');
  await expect.poll(async () => (await spot(page)).x).toBeCloseTo(1 - before.x, 1);
  await page.keyboard.press('h');
  await expect.poll(async () => (await spot(page)).x).toBeCloseTo(before.x, 2);
  await page.keyboard.press(']');
  await expect
    .poll(async () => Math.abs((await spot(page)).y - before.y) + Math.abs((await spot(page)).x - before.x))
    .toBeGreaterThan(0);
  await page.keyboard.press('[');
  await expect.poll(async () => (await spot(page)).y).toBeCloseTo(before.y, 2);
  await picture(page).focus();
  await page.keyboard.press('+');
  await expect.poll(async () => (await spot(page)).count).toBeGreaterThan(before.count * 1.1);

  const boxes = panel.getByRole('checkbox');
  const both = (await spot(page)).count;
  await boxes.nth(0).uncheck();
  await expect.poll(async () => (await spot(page)).count).toBeLessThan(both);
  await boxes.nth(1).uncheck();
  await isThere(page, false);
  await boxes.nth(0).check();
  await isThere(page);
  await picture(page).focus();
  await page.keyboard.press('*');
  await expect(panel).toHaveCount(0);
  await page.getByRole('button', { name: 'English' }).click();
  await page.keyboard.press('*');
  await expect(panel).toContainText('By the image that is referred to');
  // They go along on a picture that is saved, unless that is not wished.
  await isThere(page);
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog', { name: 'Save image' });
  await dialog.getByRole('checkbox', { name: 'Orientation letters' }).uncheck();
  await expect.poll(() => colouredPixels(page)).toBeGreaterThan(100);
  await dialog.getByRole('checkbox', { name: 'Segments and structures' }).uncheck();
  await expect.poll(() => colouredPixels(page)).toBe(0);
});

test('that nothing belongs to a series is said', async ({ signedIn: page }) => {
  await openStudy(page, studies.mrSagittal);
  await page.keyboard.press('*');
  await expect(page.getByTestId('overlays')).toContainText('Không có phân vùng');
});

test('segments of every coding lie on their pixels: by the image they name, or by place where they name none', async ({
  signedIn: page,
  baseURL,
}) => {
  const of: Belonging = {
    patientName: 'SEGMENT^TEST',
    patientId: 'E2E-SEG',
    study: newUid(),
    series: newUid(),
    modality: 'OT',
  };
  const [space, first, second] = [newUid(), newUid(), newUid()];
  const grey = Buffer.alloc(64 * 64, 90);
  grey[0] = 255;
  const slice = (number: number, instance: string) =>
    imageFile(
      '1.2.840.10008.5.1.4.1.1.7',
      of,
      { rows: 64, columns: 64, pixels: grey, number, instance },
      {
        group20: Buffer.concat([
          element(0x20, 0x13, 'IS', String(number)),
          element(0x20, 0x32, 'DS', `0\\0\\${number * 5}`),
          element(0x20, 0x37, 'DS', '1\\0\\0\\0\\1\\0'),
          element(0x20, 0x52, 'UI', space),
        ]),
        group28: element(0x28, 0x30, 'DS', '2\\2'),
      },
    );
  /** A square of eight pixels from a corner on. */
  const square = (size: number, left: number, top: number, value: number) =>
    Array.from({ length: size * size }, (_, at) => {
      const [column, row] = [at % size, Math.floor(at / size)];
      return column >= left && column < left + 8 && row >= top && row < top + 8 ? value : 0;
    });
  const series = () => ({ ...of, series: newUid(), modality: 'SEG' });
  const common = { frameOfReference: space, rows: 64, columns: 64, spacingMm: 2 };
  const hostile = '<img src=x onerror="window.pwned=true">';
  await storeFiles(page.request, baseURL, [
    slice(1, first),
    slice(2, second),
    segmentationFile(series(), {
      ...common,
      coding: 'BINARY',
      labels: [hostile],
      frames: [
        { segment: 1, positionZ: 5, image: first, pixels: square(64, 8, 8, 1) },
        { segment: 1, positionZ: 10, image: second, pixels: square(64, 40, 8, 1) },
      ],
    }),
    segmentationFile(series(), {
      ...common,
      coding: 'FRACTIONAL',
      labels: ['Phần'],
      frames: [{ segment: 1, positionZ: 10, pixels: square(64, 8, 40, 100) }],
    }),
    // Half as large pixels: 8 of them are 4 of the image.
    segmentationFile(series(), {
      ...common,
      rows: 128,
      columns: 128,
      spacingMm: 1,
      coding: 'LABELMAP',
      labels: ['Một', 'Hai'],
      frames: [{ positionZ: 10, pixels: square(128, 96, 96, 2) }],
    }),
  ]);
  await page.goto(`/studies/${of.study}?series=${of.series}`);
  await drawn(page);
  await page.keyboard.press('*');
  const panel = page.getByTestId('overlays');
  await expect(panel.getByRole('checkbox')).toHaveCount(4);
  await expect(panel).toContainText(hostile);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);

  const box = await page.getByTestId('overlay-canvas').boundingBox();
  const [width, height] = [box?.width ?? 1, box?.height ?? 1];
  const scale = Math.min(width, height) / 64;
  /** Where a pixel of the picture is, as a share of the viewport. */
  const at = (column: number, row: number) => [
    0.5 + ((column + 0.5 - 32) * scale) / width,
    0.5 + ((row + 0.5 - 32) * scale) / height,
  ];
  const isAt = async (column: number, row: number, pixels: number) => {
    const [x = 0, y = 0] = at(column, row);
    await expect.poll(async () => Math.abs((await spot(page)).x - x)).toBeLessThan(0.004);
    const found = await spot(page);
    expect(Math.abs(found.y - y)).toBeLessThan(0.004);
    expect(found.count / (pixels * scale) ** 2).toBeGreaterThan(0.9);
    expect(found.count / (pixels * scale) ** 2).toBeLessThan(1.1);
  };
  // The stack begins at the head: with the image that was stored second.
  await page.keyboard.press('ArrowDown');
  await isAt(11.5, 11.5, 8);
  await page.keyboard.press('ArrowUp');
  await expect(page.getByTestId('overlay-canvas')).toHaveAttribute('data-masks', '3');
  await keepPicture(page, 'overlays-segments');
  await expect(panel.getByTestId('matched').filter({ hasText: 'Theo vị trí' })).toHaveCount(2);
  const only = async (label: string) => {
    for (const other of [hostile, 'Phần', 'Một', 'Hai']) {
      await panel
        .getByText(other, { exact: true })
        .locator('..')
        .getByRole('checkbox')
        .setChecked(other === label);
    }
  };
  await only(hostile);
  await isAt(43.5, 11.5, 8);
  await only('Phần');
  await isAt(11.5, 43.5, 8);
  await only('Hai');
  // Centres of pixels lie at whole millimetres: pixel 99.5 of one is 49.75 of two.
  await isAt(49.75, 49.75, 4);
  await only('Một');
  await isThere(page, false);
});
