/** What images and presentation states bring along: overlay planes, shutters, and how an image is to be shown. */
import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, element, imageFile, item, newUid, presentationStateFile, unsigned } from './part10';
import { agreementWith, drawn, openStudy, picture } from './picture';
import { studies } from './studies';

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

function floats(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => {
    bytes.writeFloatLE(value, 4 * at);
  });
  return bytes;
}

function longs(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => {
    bytes.writeInt32LE(value, 4 * at);
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
  await picture(page).focus();
  await page.keyboard.press('h');
  await isAt(63 - 11.5, 43.5);
  await page.keyboard.press('r');
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
  await picture(page).focus();
  await page.keyboard.press('v');
  await expect.poll(() => isShut(page, 30, 20)).toBe(true);
  expect(await isShut(page, 30, 43)).toBe(false);
  await picture(page).focus();
  await page.keyboard.press('v');
  await expect.poll(() => isShut(page, 30, 20)).toBe(false);

  const menu = page.getByTestId('presentation');
  await menu.getByRole('button', { name: 'Trình bày ảnh' }).click();
  await menu.getByRole('checkbox', { name: 'Màn che' }).uncheck();
  await expect(page.getByTestId('shutter')).toHaveCount(0);
  await menu.getByRole('checkbox', { name: 'Màn che' }).check();
  await expect(page.getByTestId('shutter')).toBeVisible();
});

/** Where the server shows an image as a presentation state has it. */
async function renderedState(page: Page, study: string, label: string): Promise<string> {
  const found = await page.request.get(`/dicom-web/studies/${study}/instances?Modality=PR&includefield=00700080`, {
    headers: { Accept: 'application/dicom+json' },
  });
  const states = (await found.json()) as { [tag: string]: { Value?: string[] } }[];
  const state = states.find((each) => each['00700080']?.Value?.[0] === label);
  const [series, instance] = [state?.['0020000E']?.Value?.[0], state?.['00080018']?.Value?.[0]];
  return `/dicom-web/studies/${study}/series/${series}/instances/${instance}/rendered`;
}

test('a presentation state of the collection is listed and applied as the server applies it: through all its tables', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.lutStates);
  const menu = page.getByTestId('presentation');
  await menu.getByRole('button').click();
  const own = await renderedState(page, studies.lutStates, 'XLUT_P03');
  expect(await agreementWith(page, own)).toBeLessThan(0.8);
  await menu.getByRole('radio', { name: 'XLUT_P03' }).check();
  // Between neighbours the picture is smoothed before it is looked up, and theirs after that.
  await expect.poll(() => agreementWith(page, own)).toBeGreaterThan(0.92);
  await keepPicture(page, 'presentation-tables');
  await menu.getByRole('radio', { name: 'Theo chính ảnh' }).check();
  await expect.poll(() => agreementWith(page, own)).toBeLessThan(0.8);
});

test('a foreign presentation state turns, flips, cuts out, inverts, draws and writes, and is taken off again', async ({
  signedIn: page,
  baseURL,
}) => {
  const of = belonging('E2E-STATES');
  // No two quarters of it are alike, however it is turned.
  const pixels = Buffer.from(
    Array.from(
      { length: side * side },
      (_, at) => ((at % side) * 2 + Math.floor(at / side) * (at % side > 40 ? 1 : 2)) % 256,
    ),
  );
  const instance = newUid();
  const states = { ...of, modality: 'PR' };
  const sequence = (group: number, number: number, ...elements: readonly Buffer[]) =>
    element(group, number, 'SQ', item(...elements));
  const window = sequence(0x28, 0x3110, element(0x28, 0x1050, 'DS', '100'), element(0x28, 0x1051, 'DS', '180'));
  const area = (x0: number, y0: number, x1: number, y1: number) =>
    sequence(
      0x70,
      0x5a,
      element(0x70, 0x52, 'SL', longs(x0, y0)),
      element(0x70, 0x53, 'SL', longs(x1, y1)),
      element(0x70, 0x100, 'CS', 'SCALE TO FIT'),
      element(0x70, 0x102, 'IS', '1\\1'),
    );
  const line = item(
    element(0x70, 5, 'CS', 'PIXEL'),
    element(0x70, 0x20, 'US', unsigned(2)),
    element(0x70, 0x21, 'US', unsigned(2)),
    element(0x70, 0x22, 'FL', floats(8.5, 20.5, 56.5, 20.5)),
    element(0x70, 0x23, 'CS', 'POLYLINE'),
    element(0x70, 0x24, 'CS', 'N'),
  );
  const written = item(
    element(0x70, 3, 'CS', 'PIXEL'),
    element(0x70, 6, 'ST', hostile),
    element(0x70, 0x10, 'FL', floats(8.5, 24.5)),
    element(0x70, 0x11, 'FL', floats(56.5, 34.5)),
    element(0x70, 0x12, 'CS', 'LEFT'),
  );
  const drawing = sequence(
    0x70,
    1,
    element(0x70, 2, 'CS', 'LAYER'),
    element(0x70, 8, 'SQ', written),
    element(0x70, 9, 'SQ', line),
  );
  const image = { series: of.series, instance, sopClass: secondaryCapture };
  const state = (
    label: string,
    rotation: number,
    flip: string,
    x: number,
    y: number,
    drawn: Buffer = Buffer.alloc(0),
  ) =>
    presentationStateFile(
      { ...states, series: newUid() },
      {
        label,
        creator: hostile,
        image,
        group28: window,
        group70: Buffer.concat([
          drawn,
          element(0x70, 0x41, 'CS', flip),
          element(0x70, 0x42, 'US', unsigned(rotation)),
          area(x, y, x + 31, y + 31),
        ]),
        shape: rotation === 180 ? 'IDENTITY' : 'INVERSE',
      },
    );
  await storeFiles(page.request, baseURL, [
    imageFile(secondaryCapture, of, { rows: side, columns: side, pixels, number: 1, instance }),
    state('RIGHT', 90, 'N', 9, 17),
    state('FLIPPED', 90, 'Y', 9, 17),
    state('HALF', 180, 'Y', 25, 1),
    state('LEFT', 270, 'N', 1, 25, drawing),
  ]);
  await page.goto(`/studies/${of.study}?series=${of.series}`);
  await drawn(page);
  const menu = page.getByTestId('presentation');
  await menu.getByRole('button').click();
  // The equals sign parts groups of a name.
  await expect(menu).toContainText('<img src (x onerror)');
  for (const label of ['RIGHT', 'FLIPPED', 'HALF', 'LEFT']) {
    await menu.getByRole('radio', { name: label }).check();
    const rendered = await renderedState(page, of.study, label);
    // Over one of theirs something is drawn.
    await expect
      .poll(() => agreementWith(page, rendered), { message: label })
      .toBeGreaterThan(label === 'LEFT' ? 0.85 : 0.95);
  }
  await expect(page.getByTestId('window')).toContainText('W 180  L 100');
  await expect(page.getByTestId('presented-text')).toHaveText(hostile);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  await expect(page.getByTestId('presented-graphics').locator('path')).toHaveCount(2);
  await keepPicture(page, 'presentation-state');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(menu).toContainText('As the image itself');
  await menu.getByRole('radio', { name: 'As the image itself' }).check();
  await expect(page.getByTestId('presented-graphics')).toHaveCount(0);
  const address = `/dicom-web/studies/${of.study}/series/${of.series}/instances/${instance}/frames/1/rendered`;
  await expect.poll(() => agreementWith(page, address)).toBeGreaterThan(0.95);
});
