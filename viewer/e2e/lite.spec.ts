/** Quick pictures: the page that the server makes of a study, on a phone and as the beginning of the full viewer. */
import type { CDPSession, Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { drawn, windowOnScreen } from './picture';
import { sameImage, studies } from './studies';

const stage = '#stage';

/** Opens a study with quick pictures and waits for its first one. */
async function openLite(page: Page, study: string): Promise<void> {
  await page.goto(`/studies/${study}?tier=lite`);
  await expect(page.locator('#lite')).toHaveAttribute('data-level', 'preview');
  await expect(page.locator('#place')).toHaveText(/^Ảnh 1 \//);
}

function place(page: Page): Promise<string> {
  return page.locator('#place').innerText();
}

/** How bright the canvas is, and where: changes with window, frame and zoom. */
function canvasDigest(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#stage canvas');
    const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let digest = 0;
    for (let at = 1; at < data.length; at += 4 * 97) {
      digest = (digest * 31 + (data[at] ?? 0)) % 1_000_000_007;
    }
    return digest;
  });
}

type Finger = readonly [x: number, y: number];

/** Fingers that go from some points to others. */
async function fingers(cdp: CDPSession, from: readonly Finger[], to: readonly Finger[]): Promise<void> {
  const points = (at: number) =>
    from.map(([x, y], id) => ({ id, x: x + ((to[id]?.[0] ?? x) - x) * at, y: y + ((to[id]?.[1] ?? y) - y) * at }));
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(0) });
  for (let step = 1; step <= 12; step += 1) {
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: points(step / 12) });
  }
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

test('the picture is in the page, and shown without a script', async ({ signedIn: page, browser, baseURL }) => {
  const context = await browser.newContext({
    ...(baseURL === undefined ? {} : { baseURL }),
    storageState: await page.context().storageState(),
    javaScriptEnabled: false,
  });
  const still = await context.newPage();
  await still.goto(`/studies/${studies.ctHeadPhantom}`);
  await expect(still.locator('#first')).toBeVisible();
  await expect(still.locator('#quality')).toHaveText('Ảnh xem nhanh, đã nén');
  expect(await still.locator('#first').getAttribute('src')).toMatch(/^data:image\/jpeg;base64,.{2000,20000}$/);
  await expect(still.locator('h1')).not.toBeEmpty();
  await context.close();
});

test('the full viewer takes over where the quick pictures are', async ({ signedIn: page }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  // The engine takes its time.
  await page.route(/\/assets\/stage-/, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await expect(page.locator('#place')).toHaveText(/^Ảnh 1 \//);
  await page.locator(stage).focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', '+', '+']) {
    await page.keyboard.press(key);
  }
  await page.mouse.move(800, 500);
  await page.mouse.down();
  await page.mouse.move(860, 470, { steps: 5 });
  await page.mouse.up();
  await expect(page.locator('#place')).toHaveText(/^Ảnh 4 \//);
  const [, width, center] = /W ([\d.-]+)\s+L ([\d.-]+)/.exec(await page.locator('#window').innerText()) ?? [];
  release();
  await expect(page.locator('#lite')).toHaveCount(0, { timeout: 60_000 });
  await drawn(page);
  await expect(page.getByTestId('frame-position')).toHaveText(/^Ảnh 4 \//);
  const shown = await windowOnScreen(page);
  expect(Math.abs(shown.width - Number(width))).toBeLessThanOrEqual(1);
  expect(Math.abs(shown.center - Number(center))).toBeLessThanOrEqual(1);
  await expect(page.getByTestId('quality')).toHaveAttribute('data-level', 'full');

  // And back: the same image, window and size.
  const zoom = await page.getByTestId('zoom').innerText();
  await page.getByRole('button', { name: 'Xem nhanh' }).click();
  await expect(page.locator('#place')).toHaveText(/^Ảnh 4 \//);
  await expect(page.locator('#window')).toContainText(`W ${width}`);
  await page.getByRole('button', { name: 'Trình xem đầy đủ' }).click();
  await expect(page.locator('#lite')).toHaveCount(0, { timeout: 60_000 });
  await expect(page.getByTestId('zoom')).toHaveText(zoom);
  await expect(page.getByTestId('frame-position')).toHaveText(/^Ảnh 4 \//);
});

test('without a session there is a sign-in and nothing of the study', async ({ page, watch }) => {
  watch.allow(/\/api\/session/);
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await expect(page.getByLabel('Mật khẩu')).toBeVisible();
  await expect(page.locator('#lite')).toHaveCount(0);
});

test('a frame that fails is said, and a lost connection goes on when it is back', async ({ signedIn: page, watch }) => {
  watch.allow(/./);
  let status = 0;
  let [refused, before] = [0, 0];
  await page.route(/\/rendered/, (route) => {
    refused += status === 0 ? 0 : 1;
    return status === 0 ? route.continue() : route.fulfill({ status, body: '' });
  });
  await openLite(page, studies.ctHeadPhantom);
  await expect(page.locator(stage)).toHaveAttribute('data-index', '0');
  status = 500;
  // A window that nothing is here for.
  await page.locator(stage).focus();
  await page.mouse.move(800, 500);
  await page.mouse.down();
  await page.mouse.move(900, 500, { steps: 3 });
  await page.mouse.up();
  await expect(page.locator('#trouble')).toContainText('Không hiện được ảnh 1 (500)');
  // The coarse picture and the sharp one, and those around it: until nothing more is asked for.
  await expect
    .poll(
      () => {
        const isSettled = refused > 1 && refused === before;
        before = refused;
        return isSettled;
      },
      { intervals: [500] },
    )
    .toBe(true);
  status = 0;
  await page.getByRole('button', { name: 'Thử lại' }).click();
  await expect(page.locator('#trouble')).toBeHidden();
  await expect(page.locator('#lite')).toHaveAttribute('data-level', 'preview');

  await page.context().setOffline(true);
  await page.mouse.down();
  await page.mouse.move(960, 500, { steps: 3 });
  await page.mouse.up();
  await expect(page.locator('#trouble')).toContainText('Mất kết nối');
  await page.context().setOffline(false);
  await expect(page.locator('#trouble')).toBeHidden();
  await expect(page.locator('#lite')).toHaveAttribute('data-level', 'preview');
});

test.describe('on a phone', () => {
  test.use({
    viewport: { width: 390, height: 844 },
    screen: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
  });

  test('fingers scroll, zoom, window, fit and change series', async ({ signedIn: page }) => {
    await openLite(page, studies.ctHeadPhantom);
    const cdp = await page.context().newCDPSession(page);
    await keepPicture(page, 'lite-phone');

    await fingers(cdp, [[195, 300]], [[195, 500]]);
    await expect.poll(() => place(page)).not.toMatch(/^Ảnh 1 \//);
    const at = await place(page);

    const own = await page.locator('#window').innerText();
    await fingers(
      cdp,
      [
        [150, 400],
        [240, 400],
      ],
      [
        [190, 340],
        [280, 340],
      ],
    );
    await expect(page.locator('#window')).not.toHaveText(own);
    expect(await place(page)).toBe(at);

    const fitted = await canvasDigest(page);
    await fingers(
      cdp,
      [
        [170, 400],
        [220, 400],
      ],
      [
        [60, 400],
        [330, 400],
      ],
    );
    await expect.poll(() => canvasDigest(page)).not.toBe(fitted);
    const zoomed = await canvasDigest(page);
    await page.touchscreen.tap(195, 400);
    await page.touchscreen.tap(195, 400);
    await expect.poll(() => canvasDigest(page)).not.toBe(zoomed);
    expect(await place(page)).toBe(at);

    for (const button of await page.locator('#lite button:visible, #lite select:visible, #lite header a').all()) {
      const box = await button.boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0), await button.innerHTML()).toBeGreaterThanOrEqual(44);
    }
  });

  test('a swipe at the edge is the next series', async ({ signedIn: page }) => {
    await openLite(page, sameImage.study);
    const cdp = await page.context().newCDPSession(page);
    const first = await page.locator(stage).getAttribute('data-series');
    await fingers(cdp, [[385, 400]], [[200, 405]]);
    await expect(page.locator(stage)).not.toHaveAttribute('data-series', first ?? '');
    await fingers(cdp, [[4, 400]], [[200, 405]]);
    await expect(page.locator(stage)).toHaveAttribute('data-series', first ?? '');
    await page.getByRole('button', { name: 'Các tập ảnh' }).click();
    await expect(page.locator('#lite nav img').first()).toBeVisible();
    await keepPicture(page, 'lite-phone-series');
  });

  test('a study of the list is opened in two taps, in quick pictures', async ({ signedIn: page }) => {
    await page.goto('/');
    const row = page.locator('[role="row"]', { hasText: /CT/ }).last();
    await row.tap();
    await expect(page.locator('#lite')).toHaveAttribute('data-level', /preview|loading/);
  });
});
