import type { Locator, Page } from '@playwright/test';
import { faults } from './faults';
import { test as base, expect, keepPicture, storeFiles } from './fixtures';
import { markers, planes, type Taken, type Vector, values, volumeStudy } from './volumePhantom';

const cuts = [
  { description: 'VOL AXIAL', ...planes.axial },
  { description: 'VOL SHUFFLED', ...planes.axial, isShuffled: true, slices: 40 },
  { description: 'VOL FEET FIRST', ...planes.feetFirst },
  { description: 'VOL SAGITTAL', ...planes.sagittal },
  { description: 'VOL CORONAL', ...planes.coronal, isShuffled: true, slices: 40 },
  { description: 'VOL TILTED', ...planes.tilted },
  { description: 'VOL MISSING', ...planes.axial, without: [20, 21] },
  { description: 'VOL SINGLE', ...planes.axial, slices: 1 },
  { description: 'VOL NOWHERE', ...planes.axial, slices: 8, hasNoGeometry: true },
] as const satisfies readonly Taken[];

type Name = (typeof cuts)[number]['description'];

/** With these series in the archive, stored once. */
const test = base.extend<object, { volumes: { study: string; series: readonly string[] } }>({
  volumes: [
    async ({ playwright, session }, use, { project }) => {
      const baseURL = project.use.baseURL ?? '';
      const request = await playwright.request.newContext({ baseURL, storageState: session });
      const { study, series, files } = volumeStudy({ patientName: 'PHANTOM^VOLUME', patientId: 'E2E-VOLUME' }, cuts);
      await storeFiles(request, baseURL, files);
      await request.dispose();
      await use({ study, series });
    },
    { scope: 'worker' },
  ],
});

type Volumes = { readonly study: string; readonly series: readonly string[] };
type PlaneId = 'axial' | 'sagittal' | 'coronal';
const planeIds = ['axial', 'sagittal', 'coronal'] as const;

function plane(page: Page, id: PlaneId): Locator {
  return page.getByTestId(`plane-${id}`);
}

async function openSeries(page: Page, { study, series }: Volumes, name: Name): Promise<void> {
  const uid = series[cuts.findIndex(({ description }) => description === name)] ?? '';
  await page.goto(`/studies/${study}?series=${uid}`);
  // The first slices pass by the ball: they are black.
  await expect(page.getByTestId('zoom')).toBeVisible({ timeout: 45_000 });
}

/** Opens the planes of a series and waits until they are drawn. */
async function openPlanes(page: Page, volumes: Volumes, name: Name): Promise<void> {
  await openSeries(page, volumes, name);
  await page.keyboard.press('m');
  await planesDrawn(page);
}

async function planesDrawn(page: Page): Promise<void> {
  await expect(page.getByTestId('volume')).toBeVisible();
  await expect(page.getByTestId('volume').getByRole('progressbar')).toHaveCount(0, { timeout: 60_000 });
  for (const id of planeIds) {
    await expect.poll(() => valueAt(page, id, 0.5, 0.5, 0.05), { timeout: 60_000 }).toBeGreaterThan(20);
  }
}

/** The brightness about a point of a plane's canvas, given as shares of its width and height: the mean of a square. */
function valueAt(page: Page, id: PlaneId, x: number, y: number, size?: number): Promise<number> {
  return valueIn(page, `plane-${id}`, x, y, size);
}

function valueIn(page: Page, tile: string, x: number, y: number, size = 0.012): Promise<number> {
  return page.evaluate(
    ([selector, across, down, share]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(selector);
      const context = canvas?.getContext('2d');
      if (!canvas || !context) {
        return -1;
      }
      const width = Math.max(1, Math.round(share * Math.min(canvas.width, canvas.height)));
      const left = Math.round(across * canvas.width - width / 2);
      const top = Math.round(down * canvas.height - width / 2);
      const { data } = context.getImageData(left, top, width, width);
      let sum = 0;
      for (let at = 1; at < data.length; at += 4) {
        sum += data[at] ?? 0;
      }
      return sum / (data.length / 4);
    },
    [`[data-testid="${tile}"] canvas`, x, y, size] as const,
  );
}

/** Where a point of the patient is drawn, if nothing is turned: the whole volume is fitted, its middle in the middle. */
async function placeOf(page: Page, id: PlaneId, point: Vector): Promise<readonly [number, number]> {
  const box = await plane(page, id).boundingBox();
  const cross = await plane(page, id).getByTestId('cross').getAttribute('data-mm');
  const mmPerPixel = Number(cross);
  const [x, y] = { axial: [point[0], point[1]], sagittal: [point[1], -point[2]], coronal: [point[0], -point[2]] }[
    id
  ] as [number, number];
  return [0.5 + x / mmPerPixel / (box?.width ?? 1), 0.5 + y / mmPerPixel / (box?.height ?? 1)];
}

async function brightnessOf(page: Page, id: PlaneId, point: Vector): Promise<number> {
  const [x, y] = await placeOf(page, id, point);
  return valueAt(page, id, x, y);
}

/** The same in space, looked at from the front and fitted as the coronal plane is. */
async function brightnessIn(page: Page, tile: string, point: Vector): Promise<number> {
  const [x, y] = await placeOf(page, 'coronal', point);
  return valueIn(page, tile, x, y);
}

/** What a value is drawn as in the window that the phantom names. */
const near = 25;

const letters = { axial: 'RLAP', sagittal: 'APHF', coronal: 'RLHF' } as const;

for (const name of [
  'VOL AXIAL',
  'VOL SHUFFLED',
  'VOL FEET FIRST',
  'VOL SAGITTAL',
  'VOL CORONAL',
  'VOL TILTED',
] as const) {
  test(`left is left, front is front and the head is up in every plane: ${name}`, async ({
    signedIn: page,
    volumes,
  }) => {
    await openPlanes(page, volumes, name);
    for (const id of planeIds) {
      await expect(plane(page, id).getByTestId('orientation')).toHaveText(letters[id]);
    }
    // Each plane through the middle of the volume shows two of the markers, and not the third.
    const seen = { axial: ['left', 'front'], sagittal: ['front', 'head'], coronal: ['left', 'head'] } as const;
    for (const id of planeIds) {
      for (const marker of seen[id]) {
        await expect
          .poll(() => brightnessOf(page, id, markers[marker]), { message: `${marker} in ${id}` })
          .toBeGreaterThan(values[marker] - near);
        const [x, y, z] = markers[marker];
        expect(await brightnessOf(page, id, [-x, -y, -z]), `opposite of ${marker} in ${id}`).toBeLessThan(
          values.ball + near,
        );
      }
    }
    await keepPicture(page, `mpr-${name.replaceAll(' ', '-').toLowerCase()}`);
  });
}

test('leafing goes plane by plane, along what is looked at, and the other planes show where', async ({
  signedIn: page,
  volumes,
}) => {
  await openPlanes(page, volumes, 'VOL AXIAL');
  const position = (id: PlaneId) => plane(page, id).getByTestId('plane-position');
  await expect(position('axial')).toHaveText('Vị trí -1 mm');
  await plane(page, 'axial').hover({ position: { x: 60, y: 60 } });
  await page.mouse.wheel(0, 100);
  // Towards the feet, as a stack runs.
  await expect(position('axial')).toHaveText('Vị trí -3 mm');
  await plane(page, 'sagittal').hover({ position: { x: 60, y: 60 } });
  await page.mouse.wheel(0, 100);
  await expect(position('sagittal')).toHaveText('Vị trí 1 mm');
  await page.keyboard.press('ArrowUp');
  await expect(position('sagittal')).toHaveText('Vị trí -1 mm');
  // Back to the layout by the same key, which is as it was.
  await page.keyboard.press('m');
  await expect(page.getByTestId('volume')).toHaveCount(0);
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 1 / 48');
});

test('pointing in one plane moves the others there', async ({ signedIn: page, volumes }) => {
  await openPlanes(page, volumes, 'VOL AXIAL');
  const box = await plane(page, 'coronal').boundingBox();
  const [x, y] = await placeOf(page, 'coronal', markers.head);
  await plane(page, 'coronal').click({ position: { x: x * (box?.width ?? 0), y: y * (box?.height ?? 0) } });
  await expect(plane(page, 'axial').getByTestId('plane-position')).toHaveText(/Vị trí (29|30|31)(,\d)? mm/);
  await expect.poll(() => brightnessOf(page, 'axial', [0, 0, 30])).toBeGreaterThan(values.head - near);
});

test('a slab shows the brightest, the darkest or the mean of what is in it', async ({ signedIn: page, volumes }) => {
  await openPlanes(page, volumes, 'VOL AXIAL');
  const bar = page.getByRole('toolbar', { name: 'Các mặt phẳng' });
  // The whole ball in one picture: the marker at the head shows in its middle, though it lies far above the plane.
  await bar.getByRole('button', { name: 'MIP', exact: true }).click();
  await bar.getByRole('slider', { name: 'Độ dày lớp' }).focus();
  await page.keyboard.press('End');
  await expect(plane(page, 'axial').getByTestId('slab')).toHaveText('Lớp dày 100 mm, MIP');
  await expect.poll(() => brightnessOf(page, 'axial', [0, 0, 0])).toBeGreaterThan(values.head - near);
  await keepPicture(page, 'mpr-mip');
  // Through all of the slices there is air.
  await bar.getByRole('button', { name: 'MinIP' }).click();
  await expect.poll(() => brightnessOf(page, 'axial', [0, 0, 0])).toBeLessThan(10);
  // 44 of the 48 slices are ball or marker here.
  await bar.getByRole('button', { name: 'Trung bình' }).click();
  const mean = (30 * values.ball + 6 * values.head + 6 * values.ball) / 48;
  await expect.poll(() => brightnessOf(page, 'axial', [0, 0, 0])).toBeGreaterThan(mean - 12);
  expect(await brightnessOf(page, 'axial', [0, 0, 0])).toBeLessThan(mean + 12);
});

test('what is not as it was taken is said, in both languages', async ({ signedIn: page, volumes }) => {
  await openPlanes(page, volumes, 'VOL TILTED');
  await expect(page.getByTestId('volume-notes')).toContainText('nghiêng giàn máy 20°');
  await openPlanes(page, volumes, 'VOL MISSING');
  await expect(page.getByTestId('volume-notes')).toContainText('Thiếu 2 lát cắt');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByTestId('volume-notes')).toContainText('2 slices are missing');
  await keepPicture(page, 'mpr-missing-english');
});

test('what makes no volume is refused with a word, and the images go on', async ({ signedIn: page, volumes }) => {
  for (const [name, word] of [
    ['VOL SINGLE', 'ít hơn ba lát cắt'],
    ['VOL NOWHERE', 'không cho biết vị trí'],
  ] as const) {
    await openSeries(page, volumes, name);
    await page.keyboard.press('m');
    await expect(page.getByTestId('volume-end')).toContainText(word);
    await expect(page.getByTestId('volume')).toHaveCount(0);
    await expect(page.getByTestId('frame-position')).toBeVisible();
  }
});

test('turning the lines in one plane turns the others, until they are put straight', async ({
  signedIn: page,
  volumes,
}) => {
  await openPlanes(page, volumes, 'VOL AXIAL');
  const box = await plane(page, 'axial').boundingBox();
  const [width, height] = [box?.width ?? 0, box?.height ?? 0];
  const grip = plane(page, 'axial').getByTestId('turn-coronal').first();
  const held = await grip.boundingBox();
  const [x, y] = [(held?.x ?? 0) + 5, (held?.y ?? 0) + 5];
  const middle = { x: (box?.x ?? 0) + width / 2, y: (box?.y ?? 0) + height / 2 };
  // From the right of the middle a quarter of the way round: through 45 degrees.
  const radius = Math.hypot(x - middle.x, y - middle.y);
  const from = Math.atan2(y - middle.y, x - middle.x);
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const part of [0.25, 0.5, 0.75, 1]) {
    const angle = from + (part * Math.PI) / 4;
    await page.mouse.move(middle.x + radius * Math.cos(angle), middle.y + radius * Math.sin(angle));
  }
  await page.mouse.up();
  await expect(plane(page, 'coronal').getByTestId('orientation')).toHaveText(/^(RA|AR)(LP|PL)HF$/);
  await expect(plane(page, 'axial').getByTestId('orientation')).toHaveText(letters.axial);
  // The marker at the head is on the axis about which it was turned, and is still seen; that at the left is not.
  await expect.poll(() => brightnessOf(page, 'coronal', markers.head)).toBeGreaterThan(values.head - near);
  await expect.poll(() => brightnessOf(page, 'coronal', markers.left)).toBeLessThan(values.ball + near);
  await keepPicture(page, 'mpr-oblique');
  await page.getByRole('button', { name: 'Đưa các mặt phẳng về thẳng' }).click();
  await expect(plane(page, 'coronal').getByTestId('orientation')).toHaveText(letters.coronal);
  await expect.poll(() => brightnessOf(page, 'coronal', markers.left)).toBeGreaterThan(values.left - near);
});

test('the volume in space shows the markers where they are, and turns with the hand', async ({
  signedIn: page,
  volumes,
}) => {
  await openPlanes(page, volumes, 'VOL SAGITTAL');
  const model = page.getByTestId('model');
  // From the front: of values that are no Hounsfield units, the brightest.
  await expect(model.getByTestId('model-preset')).toHaveText('MIP');
  await expect(model.getByTestId('orientation')).toHaveText('RLHF');
  await expect.poll(() => brightnessIn(page, 'model', markers.left)).toBeGreaterThan(values.left - 3 * near);
  expect(await brightnessIn(page, 'model', [-30, 0, 0])).toBeLessThan(values.ball + near);
  await keepPicture(page, 'mpr-3d');
  expect(await faults(page, 'volume')).toEqual([]);
  const box = await model.boundingBox();
  const [x, y] = [(box?.x ?? 0) + 60, (box?.y ?? 0) + 60];
  await page.mouse.move(x, y);
  await page.mouse.down();
  // Half a turn: from behind.
  await page.mouse.move(x + 400, y, { steps: 2 });
  await page.mouse.up();
  await expect(model.getByTestId('orientation')).toHaveText('LRHF');
  await expect.poll(() => brightnessIn(page, 'model', [-30, 0, 0])).toBeGreaterThan(values.left - 3 * near);
  // Presets for Hounsfield units are for CT, and say so.
  await expect(page.getByRole('option', { name: 'Xương (chỉ cho CT)' })).toBeDisabled();
});

test('the volume in space is cut to a box by its faces, until it is whole again', async ({
  signedIn: page,
  volumes,
}) => {
  await openPlanes(page, volumes, 'VOL SAGITTAL');
  const bright = values.left - 3 * near;
  await expect.poll(() => brightnessIn(page, 'model', markers.left)).toBeGreaterThan(bright);
  await page.getByRole('button', { name: 'Cắt gọt khối 3D' }).click();
  await expect(page.getByTestId('crop-box')).toBeVisible();
  await expect(page.getByTestId('crop-box').locator('line')).toHaveCount(12);
  // The whole box leaves everything to be seen.
  await expect.poll(() => brightnessIn(page, 'model', markers.left)).toBeGreaterThan(bright);
  await keepPicture(page, 'crop-whole');

  // The face at the patient's left goes past the marker at 30 mm, and what lies to the right of it stays.
  const grip = await page.getByTestId('crop-left').boundingBox();
  const mmPerPixel = Number(await plane(page, 'coronal').getByTestId('cross').getAttribute('data-mm'));
  const [x, y] = [(grip?.x ?? 0) + (grip?.width ?? 0) / 2, (grip?.y ?? 0) + (grip?.height ?? 0) / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 32 / mmPerPixel, y, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => brightnessIn(page, 'model', markers.left)).toBeLessThan(near);
  expect(await brightnessIn(page, 'model', markers.head)).toBeGreaterThan(2 * near);
  await keepPicture(page, 'crop-left');
  // Turned, it is cut at the same place.
  const box = await page.getByTestId('model').boundingBox();
  const at = [(box?.x ?? 0) + 60, (box?.y ?? 0) + 60] as const;
  await page.mouse.move(...at);
  await page.mouse.down();
  await page.mouse.move(at[0] + 400, at[1], { steps: 2 });
  await page.mouse.up();
  await expect(page.getByTestId('model').getByTestId('orientation')).toHaveText('LRHF');
  expect(await brightnessIn(page, 'model', [-30, 0, 0])).toBeLessThan(near);

  await page.getByRole('button', { name: 'Trả lại toàn khối' }).click();
  await expect.poll(() => brightnessIn(page, 'model', [-30, 0, 0])).toBeGreaterThan(bright);
  // The same by the keyboard.
  const thumb = page.getByRole('slider', { name: 'Mặt trái' });
  await thumb.focus();
  await page.keyboard.press('Home');
  await expect.poll(() => brightnessIn(page, 'model', [-30, 0, 0])).toBeLessThan(near);
  await page.getByRole('button', { name: 'Cắt gọt khối 3D' }).click();
  await expect.poll(() => brightnessIn(page, 'model', [-30, 0, 0])).toBeGreaterThan(bright);
});

test('a slice that cannot be read is told and bridged, and the 2D images go on', async ({
  signedIn: page,
  volumes,
  watch,
}) => {
  watch.allow(/\/frames\/1$/);
  // One slice in the middle comes damaged: shorter than its rows and columns.
  let damaged: string | undefined;
  await openSeries(page, volumes, 'VOL AXIAL');
  await page.route('**/frames/1', async (route) => {
    const response = await route.fetch();
    damaged ??= route.request().url();
    if (route.request().url() !== damaged) {
      await route.fulfill({ response });
      return;
    }
    const body = await response.body();
    await route.fulfill({ response, body: body.subarray(0, 400) });
  });
  await page.reload();
  await expect(page.getByTestId('zoom')).toBeVisible({ timeout: 45_000 });
  await expect(page.getByTestId('volume')).toHaveCount(0);
  await page.keyboard.press('m');
  await planesDrawn(page);
  await expect(page.getByTestId('volume-notes')).toContainText('1 ảnh không tải được');
  await keepPicture(page, 'mpr-damaged');
  await page.keyboard.press('m');
  await expect(page.getByTestId('volume')).toHaveCount(0);
  await expect(page.getByTestId('frame-position')).toBeVisible();
});

test('when the graphics card gives up on the volume, that is said, and the 2D images go on', async ({
  signedIn: page,
  volumes,
}) => {
  await page.addInitScript(() => {
    const contexts: WebGL2RenderingContext[] = [];
    Object.assign(window, { contexts });
    for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
      const { getContext } = canvas.prototype as { getContext: (...wanted: unknown[]) => unknown };
      Object.assign(canvas.prototype, {
        getContext(this: HTMLCanvasElement, ...wanted: unknown[]) {
          const context = getContext.apply(this, wanted);
          if (context instanceof WebGL2RenderingContext && !contexts.includes(context)) {
            contexts.push(context);
          }
          return context;
        },
      });
    }
  });
  await openSeries(page, volumes, 'VOL AXIAL');
  const before = await page.evaluate(() => (window as unknown as { contexts: unknown[] }).contexts.length);
  await page.keyboard.press('m');
  await planesDrawn(page);
  // That of the volume, which came last; that which only asked how large a texture may be was lost at once.
  const lost = await page.evaluate((known) => {
    const { contexts } = window as unknown as { contexts: WebGL2RenderingContext[] };
    const drawing = contexts.slice(known).filter((context) => !context.isContextLost());
    for (const context of drawing) {
      context.getExtension('WEBGL_lose_context')?.loseContext();
    }
    return drawing.length;
  }, before);
  expect(lost).toBeGreaterThan(0);
  await expect(page.getByTestId('volume-end')).toContainText('Card đồ họa đã ngừng vẽ khối ảnh');
  await expect(page.getByTestId('volume')).toHaveCount(0);
  await keepPicture(page, 'mpr-context-lost');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 2 / 48');
  // And once more, as it was only that context; this slice has nothing in its middle.
  await page.keyboard.press('m');
  await expect(page.getByTestId('volume')).toBeVisible();
  await expect.poll(() => valueAt(page, 'coronal', 0.5, 0.5, 0.05), { timeout: 60_000 }).toBeGreaterThan(20);
});

/** Has the graphics card say that its textures have at most this side. */
async function limitTextures(page: Page, side: number): Promise<void> {
  await page.addInitScript((most) => {
    const { getParameter, MAX_3D_TEXTURE_SIZE } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.getParameter = function (this: WebGL2RenderingContext, name: number) {
      return name === MAX_3D_TEXTURE_SIZE ? most : getParameter.call(this, name);
    };
  }, side);
}

test('what is too large is shown coarser, which is said', async ({ signedIn: page, volumes }) => {
  await limitTextures(page, 32);
  await openPlanes(page, volumes, 'VOL AXIAL');
  await expect(page.getByTestId('volume-notes')).toContainText('còn 1/2');
  await expect.poll(() => brightnessOf(page, 'axial', markers.left)).toBeGreaterThan(values.left - 2 * near);
});

test('what is far too large is refused', async ({ signedIn: page, volumes }) => {
  await limitTextures(page, 8);
  await openSeries(page, volumes, 'VOL AXIAL');
  await page.keyboard.press('m');
  await expect(page.getByTestId('volume-end')).toContainText('quá lớn');
});
