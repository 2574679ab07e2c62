import type { Locator, Page } from '@playwright/test';
import { test as base, expect, keepPicture, storeFiles } from './fixtures';
import { phantomStudy } from './phantom';
import { drawn, type Look, look } from './picture';
import { sameImage, studies } from './studies';

/** With the phantom in the archive, stored once. */
const test = base.extend<object, { phantom: string }>({
  phantom: [
    async ({ playwright, session }, use, { project }) => {
      const baseURL = project.use.baseURL ?? '';
      const request = await playwright.request.newContext({ baseURL, storageState: session });
      const { study, files } = phantomStudy({ patientName: 'PHANTOM^LAYOUT', patientId: 'E2E-LAYOUT' });
      await storeFiles(request, baseURL, files);
      await request.dispose();
      await use(study);
    },
    { scope: 'worker' },
  ],
});

function viewport(page: Page, place: number): Locator {
  return page.getByTestId('viewport').nth(place - 1);
}

function lookAt(page: Page, place: number): Promise<Look> {
  return look(page, `[data-testid="viewport"]:nth-child(${place}) [data-testid="picture"] canvas`);
}

/** Waits until these viewports have drawn something themselves. */
async function allDrawn(page: Page, places: readonly number[]): Promise<void> {
  for (const place of places) {
    await expect(viewport(page, place).getByTestId('frame-position')).toBeVisible({ timeout: 45_000 });
    await expect.poll(async () => (await lookAt(page, place)).brightest, { timeout: 45_000 }).toBeGreaterThan(20);
  }
}

async function chooseGrid(page: Page, rows: number, columns: number): Promise<void> {
  await page.getByRole('button', { name: 'Bố cục' }).click();
  await page.getByRole('button', { name: `${rows} × ${columns}` }).click();
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', String(rows * columns));
}

async function openPhantom(page: Page, study: string): Promise<void> {
  await page.goto(`/studies/${study}`);
  await drawn(page);
}

function active(page: Page): Locator {
  return page.locator('[data-testid="viewport"][data-active="true"]');
}

test('a grid shows the series of the study side by side, each with its own labels and scroll bar', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 1, 2);
  await allDrawn(page, [1, 2]);
  await keepPicture(page, 'layout-1x2');
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  for (const [place, name] of ['AX 4 MM', 'AX 8 MM', 'SAG', 'COR'].entries()) {
    await expect(viewport(page, place + 1).getByTestId('labels')).toContainText(name);
  }
  await expect(viewport(page, 3).getByTestId('orientation')).toHaveText('APHF');
  const counts = await page.getByTestId('stack-scroll-bar').evaluateAll((bars) => bars.map((bar) => bar.ariaValueMax));
  expect(counts).toEqual(['25', '13', '25', '25']);
  await keepPicture(page, 'layout-2x2');
});

test('the hand makes a viewport the active one: wheel, keys and list act on it alone', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await viewport(page, 2).getByTestId('picture').hover();
  await page.mouse.wheel(0, 100);
  await expect(viewport(page, 2)).toHaveAttribute('data-active', 'true');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 2 / 13');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 1 / 25');

  const others = [await lookAt(page, 1), await lookAt(page, 3)];
  await page.keyboard.press('i');
  await expect.poll(async () => (await lookAt(page, 2)).mean).toBeGreaterThan(100);
  expect([await lookAt(page, 1), await lookAt(page, 3)]).toEqual(others);

  await page.getByRole('button', { name: 'AX OTHER' }).click();
  await expect(viewport(page, 2).getByTestId('labels')).toContainText('AX OTHER');
  await expect.poll(() => new URL(page.url()).searchParams.get('series')).not.toBeNull();
});

test('without a mouse: the grid, the viewport and its series are chosen by keys', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await page.getByRole('button', { name: 'Bố cục' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '1 × 1' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', '2');
  await allDrawn(page, [1, 2]);

  await viewport(page, 1).getByTestId('picture').focus();
  await page.keyboard.press('ArrowRight');
  await expect(viewport(page, 2)).toHaveAttribute('data-active', 'true');
  await expect(viewport(page, 2).getByTestId('picture')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 2 / 13');

  await page.getByRole('button', { name: 'COR' }).focus();
  await page.keyboard.press('Enter');
  await expect(viewport(page, 2).getByTestId('labels')).toContainText('COR');
  await expect(viewport(page, 1).getByTestId('labels')).toContainText('AX 4 MM');
});

test('a series is dragged from the list to any viewport', async ({ signedIn: page, phantom }) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await page.getByRole('button', { name: 'AX OTHER' }).dragTo(viewport(page, 4).getByTestId('picture'));
  await expect(viewport(page, 4).getByTestId('labels')).toContainText('AX OTHER');
  await expect(viewport(page, 4)).toHaveAttribute('data-active', 'true');
  await expect(viewport(page, 1).getByTestId('labels')).toContainText('AX 4 MM');
  await allDrawn(page, [4]);
});

test('a double click gives one viewport the whole area, and another brings all back as they were', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await viewport(page, 3).getByTestId('picture').click();
  await page.keyboard.press('+');
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageDown');
  await allDrawn(page, [3]);
  const before = await Promise.all([1, 2, 3, 4].map((place) => lookAt(page, place)));

  await viewport(page, 3).getByTestId('picture').dblclick();
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', '1');
  await expect(viewport(page, 1)).toBeHidden();
  await expect(active(page).getByTestId('labels')).toContainText('SAG');
  await keepPicture(page, 'layout-one-up');
  await page.keyboard.press('u');
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', '4');
  await expect
    .poll(() => Promise.all([1, 2, 3, 4].map((place) => lookAt(page, place))), { timeout: 20_000 })
    .toEqual(before);
});

test('sixteen viewports draw, and fewer are not magnified afterwards', async ({ signedIn: page }) => {
  await page.goto(`/studies/${sameImage.study}`);
  await drawn(page);
  const alone = await look(page);
  await chooseGrid(page, 4, 4);
  const series = page.getByRole('button', { name: /ax_asc_35sl/ });
  for (let place = 5; place <= 16; place += 1) {
    await viewport(page, place).getByTestId('picture').click();
    await series.nth(place % 4).click();
  }
  await allDrawn(
    page,
    Array.from({ length: 16 }, (_, at) => at + 1),
  );
  await keepPicture(page, 'layout-4x4');
  await viewport(page, 1).getByTestId('picture').click();
  await chooseGrid(page, 1, 1);
  await expect.poll(async () => (await look(page)).digest, { timeout: 20_000 }).toBe(alone.digest);
});

test('what fails in one viewport leaves the others alone', async ({ signedIn: page, watch }) => {
  watch.allow(/\/metadata$/);
  await page.route(new RegExp(`${sameImage.series}/metadata$`), (route) => route.fulfill({ status: 500, body: '' }));
  await page.goto(`/studies/${sameImage.study}`);
  await chooseGrid(page, 2, 2);
  const failed = page.getByTestId('viewport').filter({ hasText: 'Không mở được tập ảnh' });
  await expect(failed).toHaveCount(1);
  await expect(page.getByTestId('viewport').getByTestId('frame-position')).toHaveCount(3);
  await page.unroute(new RegExp(`${sameImage.series}/metadata$`));
  await failed.getByRole('button', { name: 'Thử lại' }).click();
  await allDrawn(page, [1, 2, 3, 4]);
});

test('one series in two viewports is scrolled in each by itself', async ({ signedIn: page }) => {
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await drawn(page);
  await chooseGrid(page, 1, 2);
  await viewport(page, 2).getByTestId('picture').click();
  await page.getByRole('button', { name: /STD BRAIN/ }).click();
  await allDrawn(page, [1, 2]);
  await page.keyboard.press('End');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 9 / 9');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 1 / 9');
  const bars = page.getByTestId('stack-scroll-bar');
  for (const bar of [bars.first(), bars.last()]) {
    await expect(bar).toHaveAttribute('data-loaded', '9');
  }
});

test('when the graphics card gives up, every viewport goes on without it', async ({
  signedIn: page,
  phantom,
  watch,
}) => {
  // The browser says of each context that it is lost.
  watch.allow(/.*/);
  await page.addInitScript(() => {
    const contexts: WebGL2RenderingContext[] = [];
    const getContext = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...given: unknown[]) {
      const context = Reflect.apply(getContext, this, given);
      if (given[0] === 'webgl2') {
        contexts.push(context);
      }
      return context;
    } as typeof getContext;
    Object.assign(window, {
      loseContexts: () => contexts.map((one) => one.getExtension('WEBGL_lose_context')?.loseContext()),
    });
  });
  await openPhantom(page, phantom);
  await chooseGrid(page, 1, 2);
  await allDrawn(page, [1, 2]);
  await page.keyboard.press('ArrowDown');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 2 / 25');
  await page.evaluate(() => (window as unknown as { loseContexts(): void }).loseContexts());
  await expect(page.getByRole('status')).toContainText('Bộ xử lý đồ họa đã ngừng');
  await allDrawn(page, [1, 2]);
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 2 / 25');
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await page.keyboard.press('ArrowDown');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 3 / 25');
  await expect(page.getByTestId('reference-line')).toHaveCount(2);
  await keepPicture(page, 'layout-without-graphics-card');
});

/** Where the brightest part of a viewport's canvas has its middle, in CSS pixels from its corner. */
function brightSpot(page: Page, place: number): Promise<{ x: number; y: number }> {
  return page.evaluate((selector) => {
    const canvas = document.querySelector<HTMLCanvasElement>(selector);
    const context = canvas?.getContext('2d');
    const [sum, middle] = [
      { x: 0, y: 0, count: 0 },
      { x: Number.NaN, y: Number.NaN },
    ];
    if (!canvas || !context) {
      return middle;
    }
    const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      if ((data[at + 1] ?? 0) > 200) {
        sum.x += (at / 4) % width;
        sum.y += Math.floor(at / 4 / width);
        sum.count += 1;
      }
    }
    const scale = canvas.clientWidth / canvas.width;
    return { x: (sum.x / sum.count) * scale, y: (sum.y / sum.count) * scale };
  }, `[data-testid="viewport"]:nth-child(${place}) [data-testid="picture"] canvas`);
}

async function activate(page: Page, place: number): Promise<void> {
  await viewport(page, place).getByTestId('picture').focus();
  await expect(viewport(page, place)).toHaveAttribute('data-active', 'true');
}

/** How long so many millimetres are on the screen, as the scale bar shows it. */
function scale(page: Page, place: number): Promise<{ length: string; pixels: number }> {
  return viewport(page, place)
    .getByTestId('scale-bar')
    .evaluate((bar) => ({
      length: bar.textContent ?? '',
      pixels: Math.round((bar.lastElementChild?.getBoundingClientRect().width ?? 0) * 10),
    }));
}

test('linked viewports scroll to the same place, where planes are parallel and of one Frame of Reference', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await viewport(page, 4).getByTestId('picture').click();
  await page.getByRole('button', { name: 'AX OTHER' }).click();
  await allDrawn(page, [1, 2, 3, 4]);
  await activate(page, 1);
  await expect(page.getByTestId('link-mark')).toHaveCount(0);
  await page.keyboard.press('l');
  const together = () =>
    page.getByTestId('link-mark').evaluateAll((marks) => marks.map((mark) => (mark as HTMLElement).dataset.together));
  expect(await together()).toEqual(['true', 'true', 'false', 'false']);
  await expect(viewport(page, 3).getByRole('img', { name: /Không cuộn cùng/ })).toBeVisible();

  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('ArrowDown');
  }
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 7 / 25');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 4 / 13');
  await expect(viewport(page, 3).getByTestId('frame-position')).toHaveText('Ảnh 1 / 25');
  await expect(viewport(page, 4).getByTestId('frame-position')).toHaveText('Ảnh 1 / 25');
  await keepPicture(page, 'layout-linked');

  // A series that is opened now comes where the others are.
  await activate(page, 4);
  await page.getByRole('button', { name: 'AX 4 MM' }).click();
  await expect(viewport(page, 4).getByTestId('frame-position')).toHaveText('Ảnh 7 / 25');

  await page.keyboard.press('l');
  await expect(page.getByTestId('link-mark')).toHaveCount(0);
  await page.keyboard.press('End');
  await expect(viewport(page, 4).getByTestId('frame-position')).toHaveText('Ảnh 25 / 25');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 7 / 25');
});

test('linked viewports have one size in millimetres, and one window if that is asked for', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 1, 2);
  await allDrawn(page, [1, 2]);
  await activate(page, 1);
  await page.keyboard.press('l');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await expect.poll(() => scale(page, 2)).toEqual(await scale(page, 1));
  await page.keyboard.press('p');
  const box = await viewport(page, 1).boundingBox();
  const [x, y] = [(box?.x ?? 0) + 200, (box?.y ?? 0) + 300];
  const before = [await brightSpot(page, 1), await brightSpot(page, 2)];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 40, { steps: 5 });
  await page.mouse.up();
  for (const place of [1, 2]) {
    await expect.poll(async () => Math.round((await brightSpot(page, place)).x - (before[place - 1]?.x ?? 0))).toBe(60);
    expect(Math.round((await brightSpot(page, place)).y - (before[place - 1]?.y ?? 0))).toBe(40);
  }

  const windows = () => page.getByTestId('window').allInnerTexts();
  const drag = async () => {
    await page.mouse.move(x, y);
    await page.mouse.down({ button: 'right' });
    await page.mouse.move(x + 80, y + 30, { steps: 5 });
    await page.mouse.up({ button: 'right' });
  };
  await drag();
  const [one, other] = await windows();
  expect(one).not.toBe(other);
  await page.getByRole('button', { name: 'Đồng bộ những gì' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Cửa sổ ảnh' }).click();
  await page.keyboard.press('Escape');
  await drag();
  const [mine, theirs] = await windows();
  expect(mine).toBe(theirs);
  expect(mine).not.toBe(one);
});

test('lines show where the active picture cuts the others', async ({ signedIn: page, phantom }) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await activate(page, 1);
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('ArrowDown');
  }
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 7 / 25');
  const lines = page.getByTestId('reference-line');
  await expect(lines).toHaveCount(2);
  const ends = (place: number) =>
    viewport(page, place)
      .getByTestId('reference-line')
      .evaluate((line) => ['x1', 'y1', 'x2', 'y2'].map((name) => Number(line.getAttribute(name))));
  const height = (await viewport(page, 3).getByTestId('picture').boundingBox())?.height ?? 0;
  for (const place of [3, 4]) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = await ends(place);
    expect(Math.abs(y1 - y2)).toBeLessThan(0.1);
    // The slice lies 24 mm above the middle of a picture of 128 mm, which fills the height.
    expect(Math.abs(y1 - height * (0.5 - 24 / 128))).toBeLessThan(3);
    expect(Math.abs(x1 - x2)).toBeGreaterThan(height * 0.9);
  }
  await keepPicture(page, 'layout-reference-lines');
  await activate(page, 3);
  await expect(viewport(page, 1).getByTestId('reference-line')).toHaveCount(1);
  await expect(viewport(page, 3).getByTestId('reference-line')).toHaveCount(0);
  await page.keyboard.press('g');
  await expect(lines).toHaveCount(0);
});

test('what is pointed at in one viewport is marked in all of its Frame of Reference', async ({
  signedIn: page,
  phantom,
}) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 2, 2);
  await allDrawn(page, [1, 2, 3, 4]);
  await activate(page, 1);
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('ArrowDown');
  }
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 7 / 25');
  const fullRange = async () => {
    await page.getByRole('button', { name: 'Cửa sổ đặt sẵn' }).click();
    await page.getByRole('menuitem', { name: 'Toàn dải' }).click();
  };
  await fullRange();
  await expect.poll(async () => (await lookAt(page, 1)).mean).toBeLessThan(60);
  const marker = await brightSpot(page, 1);
  await page.keyboard.press('x');
  await viewport(page, 1).getByTestId('picture').click({ position: marker });
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 4 / 13');
  await expect(viewport(page, 3).getByTestId('frame-position')).toHaveText('Ảnh 8 / 25');
  await expect(viewport(page, 4).getByTestId('frame-position')).toHaveText('Ảnh 10 / 25');
  for (const place of [2, 3, 4]) {
    await activate(page, place);
    await fullRange();
    const cross = viewport(page, place).getByTestId('pointed');
    await expect(cross).toHaveCount(1);
    const at = await cross.evaluate((group) => [
      Number(group.getAttribute('data-x')),
      Number(group.getAttribute('data-y')),
    ]);
    await expect
      .poll(async () => {
        const bright = await brightSpot(page, place);
        return Math.hypot(bright.x - (at[0] ?? 0), bright.y - (at[1] ?? 0));
      })
      .toBeLessThan(6);
  }
  await keepPicture(page, 'layout-pointed');
  await page.keyboard.press('w');
  await expect(page.getByTestId('pointed')).toHaveCount(0);
});

test('a study that is opened again has the layout in which it was left', async ({ signedIn: page, phantom }) => {
  await openPhantom(page, phantom);
  await chooseGrid(page, 1, 3);
  await viewport(page, 3).getByTestId('picture').click();
  await page.getByRole('button', { name: 'COR' }).click();
  await expect(viewport(page, 3).getByTestId('labels')).toContainText('COR');
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await drawn(page);
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', '1');

  for (const again of [() => page.goto(`/studies/${phantom}`), () => page.reload()]) {
    await again();
    await allDrawn(page, [1, 2, 3]);
    await expect(viewport(page, 1).getByTestId('labels')).toContainText('AX 4 MM');
    await expect(viewport(page, 3).getByTestId('labels')).toContainText('COR');
    await expect(viewport(page, 3)).toHaveAttribute('data-active', 'true');
  }
  expect(await page.evaluate(() => Object.values(sessionStorage).join())).not.toContain('PHANTOM');
});
