/** What images and presentation states bring along: overlay planes, shutters, and how an image is to be shown. */
import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, element, imageFile, newUid, unsigned } from './part10';
import { drawn, picture } from './picture';

const side = 64;

/** Pixels of the screen for one of the picture, and where pixels of the picture are on the screen. */
async function placed(page: Page) {
  const box = await picture(page).boundingBox();
  const [width, height] = [box?.width ?? 1, box?.height ?? 1];
  const scale = Math.min(width, height) / side;
  return {
    scale,
    at: (column: number, row: number) => ({
      x: (width - side * scale) / 2 + (column + 0.5) * scale,
      y: (height - side * scale) / 2 + (row + 0.5) * scale,
    }),
  };
}

/** How much is covered, in pixels of the picture, and its middle. */
async function covered(page: Page) {
  const { scale } = await placed(page);
  const found = await page.getByTestId('planes').evaluate((node) => {
    const canvas = node as HTMLCanvasElement;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let [count, x, y] = [0, 0, 0];
    for (let at = 3; at < pixels.length; at += 4) {
      if ((pixels[at] ?? 0) > 0) {
        const place = (at - 3) / 4;
        count += 1;
        x += (place % canvas.width) + 0.5;
        y += Math.floor(place / canvas.width) + 0.5;
      }
    }
    return { count, x: x / count, y: y / count };
  });
  return { ...found, count: found.count / scale ** 2 };
}

function belonging(patientId: string): Belonging {
  return { patientName: 'PRESENTATION^TEST', patientId, study: newUid(), series: newUid(), modality: 'OT' };
}

/** Dark, with something bright to be waited for. */
function grey(): Buffer {
  const pixels = Buffer.alloc(side * side, 60);
  pixels.fill(255, 0, 4);
  return pixels;
}

function signed(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, at) => {
    bytes.writeInt16LE(value, 2 * at);
  });
  return bytes;
}

/** A plane of eight by eight pixels that are all set. */
function plane(group: number, [row, column]: readonly [number, number], label: string): Buffer {
  return Buffer.concat([
    element(group, 0x10, 'US', unsigned(8)),
    element(group, 0x11, 'US', unsigned(8)),
    element(group, 0x40, 'CS', 'G'),
    element(group, 0x50, 'SS', signed(row, column)),
    element(group, 0x100, 'US', unsigned(1)),
    element(group, 0x102, 'US', unsigned(0)),
    element(group, 0x1500, 'LO', label),
    element(group, 0x3000, 'OW', Buffer.alloc(8, 0xff)),
  ]);
}

const secondaryCapture = '1.2.840.10008.5.1.4.1.1.7';
const hostile = '<img src=x onerror="window.pwned=true">';

test('overlay planes lie where their origin says, turn with the picture, and are switched one by one or with the labels', async ({
  signedIn: page,
  baseURL,
}) => {
  const of = belonging('E2E-PLANES');
  await storeFiles(page.request, baseURL, [
    imageFile(
      secondaryCapture,
      of,
      { rows: side, columns: side, pixels: grey(), number: 1 },
      { voi: Buffer.concat([plane(0x6000, [41, 9], hostile), plane(0x601e, [-3, -3], 'Góc')]) },
    ),
  ]);
  await page.goto(`/studies/${of.study}`);
  await drawn(page);
  const canvas = page.getByTestId('planes');
  await expect(canvas).toHaveAttribute('data-planes', '2');
  const menu = page.getByTestId('presentation');
  await menu.getByRole('button', { name: 'Trình bày ảnh' }).click();
  await expect(menu).toContainText(hostile);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  await keepPicture(page, 'presentation-overlays');

  // Of the plane that begins outside only a quarter is on the picture.
  await menu.getByRole('checkbox', { name: hostile }).uncheck();
  await expect.poll(async () => Math.round((await covered(page)).count)).toBe(16);
  await menu.getByRole('checkbox', { name: hostile }).check();
  await menu.getByRole('checkbox', { name: 'Góc' }).uncheck();
  const isAt = async (column: number, row: number) => {
    const { scale, at } = await placed(page);
    const { x, y } = at(column, row);
    await expect.poll(async () => Math.abs((await covered(page)).x - x) / scale).toBeLessThan(0.3);
    await expect.poll(async () => Math.abs((await covered(page)).y - y) / scale).toBeLessThan(0.3);
    expect(Math.round((await covered(page)).count)).toBe(64);
  };
  await isAt(11.5, 43.5);
  await page.getByRole('button', { name: 'Lật ngang' }).click();
  await isAt(63 - 11.5, 43.5);
  await page.getByRole('button', { name: 'Xoay phải 90°' }).click();
  await expect
    .poll(async () => Math.abs((await covered(page)).x - (await placed(page)).at(11.5, 0).x))
    .toBeGreaterThan(5);
  await page.getByRole('button', { name: 'Đặt lại' }).click();
  await isAt(11.5, 43.5);
  await picture(page).focus();
  await page.keyboard.press('o');
  await expect(canvas).toHaveCount(0);
  await expect(menu).toContainText('Đang ẩn cùng các nhãn');
  await page.keyboard.press('o');
  await isAt(11.5, 43.5);
});

/** Whether a pixel of the picture is covered by the shutter. */
async function isShut(page: Page, column: number, row: number): Promise<boolean> {
  const { x, y } = (await placed(page)).at(column, row);
  return page
    .getByTestId('shutter')
    .locator('g path')
    .evaluateAll(
      (paths, [px, py]) => paths.some((path) => (path as SVGPathElement).isPointInFill(new DOMPoint(px, py))),
      [x, y] as const,
    );
}

test('a shutter covers what it hides, turns with the picture, and is switched off by the reader', async ({
  signedIn: page,
  baseURL,
}) => {
  const of = belonging('E2E-SHUTTER');
  const shutter = Buffer.concat([
    element(0x18, 0x1600, 'CS', 'RECTANGULAR\\CIRCULAR'),
    element(0x18, 0x1602, 'IS', '1'),
    element(0x18, 0x1604, 'IS', '40'),
    element(0x18, 0x1606, 'IS', '1'),
    element(0x18, 0x1608, 'IS', '64'),
    element(0x18, 0x1610, 'IS', '21\\31'),
    element(0x18, 0x1612, 'IS', '16'),
    element(0x18, 0x1622, 'US', unsigned(0x8080)),
  ]);
  const image = { rows: side, columns: side, pixels: grey(), number: 1 };
  await storeFiles(page.request, baseURL, [imageFile(secondaryCapture, of, image, { group18: shutter })]);
  await page.goto(`/studies/${of.study}`);
  await drawn(page);
  await expect(page.getByTestId('shutter')).toBeVisible();
  await keepPicture(page, 'presentation-shutter');
  // Within both; within the circle alone; within neither, where the mirrored picture is open.
  const seen = async () => [await isShut(page, 30, 20), await isShut(page, 43, 20), await isShut(page, 63 - 20, 20)];
  expect([...(await seen()), await isShut(page, 5, 60)]).toEqual([false, true, true, true]);
  await page.getByRole('button', { name: 'Lật dọc' }).click();
  await expect.poll(() => isShut(page, 30, 20)).toBe(true);
  expect(await isShut(page, 30, 43)).toBe(false);
  await page.getByRole('button', { name: 'Lật dọc' }).click();
  await expect.poll(() => isShut(page, 30, 20)).toBe(false);

  const menu = page.getByTestId('presentation');
  await menu.getByRole('button', { name: 'Trình bày ảnh' }).click();
  await menu.getByRole('checkbox', { name: 'Màn che' }).uncheck();
  await expect(page.getByTestId('shutter')).toHaveCount(0);
  await menu.getByRole('checkbox', { name: 'Màn che' }).check();
  await expect(page.getByTestId('shutter')).toBeVisible();
});
