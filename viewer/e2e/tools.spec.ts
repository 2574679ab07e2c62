import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { element, imageFile, item, newUid, unsigned } from './part10';
import { phantomStudy } from './phantom';
import { changedFrom, look, openStudy, picture, windowOnScreen } from './picture';
import { studies } from './studies';

/** Where a column and a row of a square picture that fills the height of its viewport are on the page. */
async function onPage(page: Page, side: number, [column, row]: readonly [number, number]): Promise<[number, number]> {
  const box = await picture(page).boundingBox();
  if (!box) {
    throw new Error('no picture');
  }
  const pixel = box.height / side;
  return [
    box.x + box.width / 2 + (column + 0.5 - side / 2) * pixel,
    box.y + box.height / 2 + (row + 0.5 - side / 2) * pixel,
  ];
}

/** The correlation of what the loupe shows with the picture below it, magnified so many times. */
function likeness(page: Page, times: number): Promise<number> {
  return page.evaluate((factor) => {
    const loupe = document.querySelector<HTMLCanvasElement>('[data-testid="loupe"] canvas');
    const below = document.querySelector<HTMLCanvasElement>('[data-testid="picture"] canvas');
    if (!loupe || !below) {
      return Number.NaN;
    }
    const [small, large] = [loupe.getBoundingClientRect(), below.getBoundingClientRect()];
    const side = 64;
    const grey = (canvas: HTMLCanvasElement, x: number, y: number, size: number) => {
      const context = new OffscreenCanvas(side, side).getContext('2d');
      context?.drawImage(canvas, x, y, size, size, 0, 0, side, side);
      const data = context?.getImageData(0, 0, side, side).data ?? [];
      return Array.from({ length: side * side }, (_, at) => data[at * 4 + 1] ?? 0);
    };
    // The square within the circle.
    const size = small.width * 0.7;
    const shown = grey(loupe, (small.width - size) / 2, (small.height - size) / 2, size);
    const [x, y] = [small.x + small.width / 2 - large.x, small.y + small.height / 2 - large.y];
    const expected = grey(below, x - size / factor / 2, y - size / factor / 2, size / factor);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const product = (a: number[], b: number[]) => {
      const [ma, mb] = [mean(a), mean(b)];
      return mean(a.map((value, at) => (value - ma) * ((b[at] ?? 0) - mb)));
    };
    return product(shown, expected) / Math.sqrt(product(shown, shown) * product(expected, expected));
  }, times);
}

test('window presets are on the function keys and on the digits, and named with both in menu and help', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  const original = await look(page);
  await page.keyboard.press('F6');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 1500, center: -600 });
  await changedFrom(page, original);
  // The browser would load the page anew.
  await page.keyboard.press('F5');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 350, center: 50 });
  await page.keyboard.press('6');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 1500, center: -600 });

  await page.getByRole('button', { name: 'Cửa sổ đặt sẵn' }).click();
  await expect(page.getByRole('menuitem', { name: 'Xương thái dương' })).toContainText('4000 / 700');
  await expect(page.getByRole('menuitem', { name: 'Mạch máu' })).toContainText('F10');
  await keepPicture(page, 'tools-window-menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('F10');
});

/** A gradient in 64 columns, from black to almost white, that names two windows and a table which turns it round. */
function ofSeveralWindows(study: string) {
  const [side, series] = [64, newUid()];
  const pixels = Buffer.from(Array.from({ length: side * side }, (_, at) => (at % side) * 4));
  const negative = unsigned(...Array.from({ length: 256 }, (_, value) => 255 - value));
  return [40, 60].map((narrow, index) =>
    imageFile(
      '1.2.840.10008.5.1.4.1.1.4',
      { patientName: 'WINDOWS^SEVERAL', patientId: 'E2E-WINDOWS', study, series, modality: 'MR' },
      { rows: side, columns: side, pixels, number: index + 1 },
      {
        voi: Buffer.concat([
          element(0x28, 0x1050, 'DS', `128\\${narrow}`),
          element(0x28, 0x1051, 'DS', `256\\${narrow * 2}`),
          element(0x28, 0x1055, 'LO', '<b>WIDE</b>\\NARROW'),
          element(
            0x28,
            0x3010,
            'SQ',
            item(
              element(0x28, 0x3002, 'US', unsigned(256, 0, 8)),
              element(0x28, 0x3003, 'LO', 'NEGATIVE'),
              element(0x28, 0x3006, 'US', negative),
            ),
          ),
        ]),
      },
    ),
  );
}

/** The grey of a column in the middle row of a square picture that fills the height of its viewport. */
function greyOf(page: Page, side: number, column: number): Promise<number> {
  return page.evaluate(
    (share) => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="picture"] canvas');
      const x = (canvas?.width ?? 0) / 2 + share * (canvas?.height ?? 0);
      return canvas?.getContext('2d')?.getImageData(Math.round(x), canvas.height / 2, 1, 1).data[1] ?? Number.NaN;
    },
    (column + 0.5) / side - 0.5,
  );
}

test('all windows and tables of an image are in the menu under their names, and on keys', async ({
  signedIn: page,
  baseURL,
}) => {
  const study = newUid();
  await storeFiles(page.request, baseURL, ofSeveralWindows(study));
  await openStudy(page, study);
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 256, center: 128 });
  const greys = async () => [await greyOf(page, 64, 6), await greyOf(page, 64, 57)];
  const close = (...values: number[]) => values.map((value) => expect.closeTo(value, -1));
  await expect.poll(greys).toEqual(close(24, 228));

  await page.getByRole('button', { name: 'Cửa sổ đặt sẵn' }).click();
  // Text of whoever made the image, and no markup.
  await expect(page.getByRole('menuitem', { name: '<b>WIDE</b>' })).toContainText('256 / 128');
  await expect(page.getByRole('menuitem', { name: 'NARROW' })).toContainText('80 / 40');
  await expect(page.getByRole('menuitem', { name: 'NEGATIVE' })).toContainText('F5');
  await expect(page.getByRole('menu').locator('b')).toHaveCount(0);
  await keepPicture(page, 'tools-own-windows');
  await page.getByRole('menuitem', { name: 'NARROW' }).click();
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 80, center: 40 });
  await expect.poll(greys).toEqual(close(77, 255));
  // Each image has its own of this name.
  // The keys go to the picture, and not to the button of the menu.
  await picture(page).click();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 2 / 2');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 120, center: 60 });

  await page.keyboard.press('5');
  await expect(page.getByTestId('window')).toHaveText('VOI LUT NEGATIVE');
  await expect.poll(greys).toEqual(close(231, 27));
  await page.keyboard.press('i');
  await expect.poll(greys).toEqual(close(24, 228));
  await page.keyboard.press('F3');
  await expect.poll(greys).toEqual(close(231, 27));
  await page.keyboard.press('i');
  await expect.poll(greys).toEqual(close(24, 228));
});

test('the window is that of the values of the frame, or of a rectangle drawn on it', async ({
  signedIn: page,
  baseURL,
}) => {
  const { study, files } = phantomStudy({ patientName: 'PHANTOM^TOOLS', patientId: 'E2E-TOOLS' });
  await storeFiles(page.request, baseURL, files);
  await openStudy(page, study);
  // Air of 10 and a ball of 70 (the label rounds the centre up); the seventh image has the marker of 255 as well.
  await page.keyboard.press('t');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 61, center: 41 });
  for (let step = 1; step < 7; step += 1) {
    await page.keyboard.press('ArrowDown');
  }
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 7 / 25');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 61, center: 41 });
  const windowedAnew = async () => {
    // Of no effect until the image itself is there.
    await page.keyboard.press('t');
    return windowOnScreen(page);
  };
  await expect.poll(windowedAnew).toEqual({ width: 246, center: 133 });

  await page.keyboard.press('y');
  const [from, to] = [await onPage(page, 64, [44, 20]), await onPage(page, 64, [62, 46])];
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 5 });
  await expect(page.getByTestId('outline')).toBeVisible();
  await keepPicture(page, 'tools-region');
  await page.mouse.up();
  await expect(page.getByTestId('outline')).toHaveCount(0);
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 61, center: 41 });
  // A click draws nothing.
  await page.mouse.click(...from);
  expect(await windowOnScreen(page)).toEqual({ width: 61, center: 41 });
});

test('a region of a CT is windowed by its Hounsfield units', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.getByRole('button', { name: 'Cửa sổ ảnh theo vùng' }).click();
  // Air above the head.
  const [from, to] = [await onPage(page, 512, [10, 10]), await onPage(page, 512, [60, 60])];
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 5 });
  await page.mouse.up();
  await expect.poll(async () => (await windowOnScreen(page)).center).toBeLessThan(-900);
  const { center, width } = await windowOnScreen(page);
  expect(center).toBeGreaterThan(-1100);
  expect(width).toBeLessThan(150);
});

test('the magnifier shows what is under the pointer twice as large, turned and windowed alike', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  const upright = await look(page);
  await page.keyboard.press('8');
  const windowed = await changedFrom(page, upright);
  await page.keyboard.press('r');
  const before = await changedFrom(page, windowed);
  await page.keyboard.press('q');
  const place = await onPage(page, 512, [315, 255]);
  await page.mouse.move(...place);
  await page.mouse.down();
  const loupe = page.getByTestId('loupe');
  await expect(loupe).toBeVisible();
  await expect.poll(() => likeness(page, 2)).toBeGreaterThan(0.97);
  expect(await likeness(page, 1)).toBeLessThan(0.9);
  await keepPicture(page, 'tools-magnifier');
  const [x, y] = [place[0] + 30, place[1] - 60];
  await page.mouse.move(x, y, { steps: 4 });
  await expect.poll(() => likeness(page, 2)).toBeGreaterThan(0.97);
  const box = await loupe.boundingBox();
  expect([(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2]).toEqual([
    expect.closeTo(x, 0),
    expect.closeTo(y, 0),
  ]);
  await page.mouse.up();
  await expect(loupe).toBeHidden();
  expect(await look(page)).toEqual(before);
  // Another image, mirrored and in another window.
  await page.keyboard.press('End');
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 9 / 9');
  await page.keyboard.press('h');
  await page.keyboard.press('i');
  await changedFrom(page, before);
  await page.mouse.down();
  await expect.poll(() => likeness(page, 2)).toBeGreaterThan(0.97);
  // It follows what is done while it is held.
  await page.keyboard.press('h');
  await page.keyboard.press('Home');
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 1 / 9');
  await page.keyboard.press('4');
  await expect.poll(() => windowOnScreen(page)).toEqual({ width: 400, center: 40 });
  await expect(loupe).toBeVisible();
  await expect.poll(() => likeness(page, 2)).toBeGreaterThan(0.95);
  await page.mouse.up();
  await expect(loupe).toBeHidden();
});
