import type { Locator, Page } from '@playwright/test';
import { account, test as base, expect, keepPicture, keepSetting, password, storeFiles } from './fixtures';
import { phantomStudy } from './phantom';
import { chestStudy, mammogramStudy } from './projections';

interface Stored {
  readonly apart: string;
  readonly together: string;
  readonly chest: string;
  readonly chestBefore: string;
  readonly chestOfAnother: string;
  readonly ct: string;
  readonly ctBefore: string;
}

/** Patients of this run alone: those of an earlier one would have studies before these. */
const run = Date.now();
const mammo = { patientName: 'VU^THI MAM', patientId: `E2E-MG-${run}` };
const chest = { patientName: 'NGUYEN^VAN PHOI', patientId: `E2E-CR-${run}` };
const ct = { patientName: 'TRAN^THI SO', patientId: `E2E-CT-${run}` };

const test = base.extend<{ hanging: Page }, { stored: Stored }>({
  stored: [
    async ({ playwright, session }, use, { project }) => {
      const baseURL = project.use.baseURL ?? '';
      const request = await playwright.request.newContext({ baseURL, storageState: session });
      const studies = {
        apart: mammogramStudy({ ...mammo, studyDate: '20260105' }, false),
        together: mammogramStudy({ ...mammo, studyDate: '20240105' }, true),
        chest: chestStudy({ ...chest, studyDate: '20260105' }, [
          ['LL', 60],
          ['PA', 120],
        ]),
        chestBefore: chestStudy({ ...chest, studyDate: '20251005' }, [['PA', 200]]),
        chestOfAnother: chestStudy({ ...chest, patientName: 'LE^VAN KHAC', patientId: `E2E-CR2-${run}` }, [['PA', 30]]),
        ct: phantomStudy({ ...ct, studyDate: '20260105' }),
        ctBefore: phantomStudy({ ...ct, studyDate: '20250105' }),
      };
      await storeFiles(
        request,
        baseURL,
        Object.values(studies).flatMap(({ files }) => files),
      );
      await request.dispose();
      await use(
        Object.fromEntries(Object.entries(studies).map(([name, { study }]) => [name, study])) as unknown as Stored,
      );
    },
    { scope: 'worker' },
  ],

  /** A page that hangs what it opens. */
  hanging: async ({ signedIn: page, baseURL }, use) => {
    await keepSetting(page.request, baseURL, 'hanging', { automatic: true });
    await use(page);
    await keepSetting(page.request, baseURL, 'hanging', { automatic: false });
  },
});

function viewport(page: Page, place: number): Locator {
  return page.getByTestId('viewport').nth(place - 1);
}

async function hung(page: Page, count: number): Promise<void> {
  await expect(page.getByTestId('layout')).toHaveAttribute('data-viewports', String(count), { timeout: 45_000 });
}

async function drawnIn(page: Page, places: readonly number[]): Promise<void> {
  for (const place of places) {
    await expect(viewport(page, place).getByTestId('frame-position')).toBeVisible({ timeout: 45_000 });
    await expect.poll(async () => (await shares(page, place)).all, { timeout: 45_000 }).toBeGreaterThan(5);
  }
}

/** How bright parts of a viewport are on the screen. */
function shares(page: Page, place: number) {
  return viewport(page, place)
    .locator('canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      const mean = (left: number, top: number, right: number, bottom: number) => {
        let [sum, count] = [0, 0];
        for (let y = Math.floor(top * height); y < Math.floor(bottom * height); y += 2) {
          for (let x = Math.floor(left * width); x < Math.floor(right * width); x += 2) {
            sum += pixels[4 * (y * width + x)] ?? 0;
            count += 1;
          }
        }
        return sum / Math.max(count, 1);
      };
      // Rows with anything of the breast in them: how tall it is.
      let tall = 0;
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          if ((pixels[4 * (y * width + x)] ?? 0) > 60) {
            tall += 1;
            break;
          }
        }
      }
      return {
        all: mean(0, 0, 1, 1),
        left: mean(0, 0.3, 0.04, 0.7),
        right: mean(0.96, 0.3, 1, 0.7),
        above: mean(0, 0.25, 1, 0.5),
        below: mean(0, 0.5, 1, 0.75),
        corner: mean(0, 0, 0.04, 0.04) + mean(0.96, 0, 1, 0.04),
        tall,
      };
    });
}

function marks(page: Page): Promise<string[]> {
  return page.getByTestId('study-mark').filter({ visible: true }).allInnerTexts();
}

test('mammograms are hung back to back, as large as each other, whatever way they were stored', async ({
  hanging: page,
  stored,
}) => {
  for (const study of [stored.apart, stored.together]) {
    await page.goto(`/studies/${study}`);
    await hung(page, 4);
    await drawnIn(page, [1, 2, 3, 4]);
    for (const [place, wall, out, letters] of [
      [1, 'right', 'left', ['A', 'P', 'R', 'L']],
      [2, 'left', 'right', ['P', 'A', 'L', 'R']],
      [3, 'right', 'left', ['A', 'P', 'HR', 'FL']],
      [4, 'left', 'right', ['P', 'A', 'HL', 'FR']],
    ] as const) {
      const seen = await shares(page, place);
      expect(seen[wall], `the chest wall of ${place}`).toBeGreaterThan(100);
      expect(seen[out], `the nipple of ${place}`).toBeLessThan(10);
      expect(seen.corner, `the background of ${place}`).toBeLessThan(10);
      expect(seen.above, `the upper half of ${place}`).toBeGreaterThan(seen.below * 1.2);
      await expect(viewport(page, place).getByTestId('orientation').locator('span')).toHaveText(letters);
    }
    const [small, large] = [(await shares(page, 3)).tall, (await shares(page, 4)).tall];
    expect(large / small, 'the view that is larger is larger').toBeCloseTo(150 / 120, 1);
    const bars = page.getByTestId('scale-bar');
    await expect(bars).toHaveCount(4);
    const lengths = await bars.evaluateAll((all) =>
      all.map((bar) => Math.round(bar.lastElementChild?.clientWidth ?? 0)),
    );
    expect(new Set(lengths).size, `one scale: ${lengths}`).toBe(1);
    await keepPicture(page, study === stored.apart ? 'hanging-mg' : 'hanging-mg-one-series');
  }
});

test('the keys of stages leaf through pairs to the comparison with the earlier mammograms', async ({
  hanging: page,
  stored,
}) => {
  await page.goto(`/studies/${stored.apart}`);
  await hung(page, 4);
  await drawnIn(page, [1, 2, 3, 4]);
  expect(await marks(page)).toEqual([]);
  await page.keyboard.press('.');
  await hung(page, 2);
  await drawnIn(page, [1, 2]);
  expect((await shares(page, 1)).right).toBeGreaterThan(100);
  expect((await shares(page, 2)).left).toBeGreaterThan(100);
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  await hung(page, 4);
  await drawnIn(page, [1, 2, 3, 4]);
  await expect(page.getByTestId('stage')).toHaveText(/^4 \//);
  await expect.poll(() => marks(page)).toHaveLength(4);
  const [rcc, lcc, earlierRcc, earlierLcc] = await marks(page);
  for (const mark of [rcc, lcc]) {
    expect(mark).toContain('CA NÀY · 05/01/2026');
  }
  for (const mark of [earlierRcc, earlierLcc]) {
    expect(mark).toContain('CA CŨ · 05/01/2024 · 2 năm trước');
    expect(mark).toContain(mammo.patientId);
  }
  expect((await shares(page, 3)).right).toBeGreaterThan(100);
  expect((await shares(page, 4)).left).toBeGreaterThan(100);
  await keepPicture(page, 'hanging-mg-prior');
  await page.keyboard.press(',');
  await hung(page, 2);
});

test('a chest is hung with its lateral view and the earlier frontal one', async ({ hanging: page, stored }) => {
  await page.goto(`/studies/${stored.chest}`);
  await hung(page, 3);
  await drawnIn(page, [1, 2, 3]);
  const greys = await Promise.all([1, 2, 3].map(async (place) => (await shares(page, place)).below));
  // The views have 120, 60 and 200, the rest of the viewport is black.
  expect(greys[0]).toBeGreaterThan((greys[1] ?? 0) * 1.5);
  expect(greys[2]).toBeGreaterThan((greys[0] ?? 0) * 1.3);
  const [own, , earlier] = await marks(page);
  expect(own).toContain('CA NÀY · 05/01/2026');
  expect(earlier).toContain('CA CŨ · 05/10/2025 · 3 tháng trước');
  await keepPicture(page, 'hanging-cr');
});

test('what the quick pictures show is found where it was hung', async ({ hanging: page, stored }) => {
  let release = () => {};
  let released = Promise.resolve();
  const hold = () => {
    released = new Promise((resolve) => {
      release = resolve;
    });
  };
  // The engine takes its time.
  await page.route(/\/assets\/stage-/, async (route) => {
    await released;
    await route.continue();
  });
  hold();
  await page.goto(`/studies/${stored.chest}`);
  await expect(page.locator('#place')).toHaveText('Ảnh 1 / 2');
  await page.locator('#stage').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  release();
  await expect(page.locator('#lite')).toHaveCount(0, { timeout: 60_000 });
  await hung(page, 3);
  await drawnIn(page, [1, 2, 3]);
  // The lateral view, which is stored first, is hung second.
  await expect(viewport(page, 2)).toHaveAttribute('data-active', 'true');
  const zooms = await page.getByTestId('zoom').allInnerTexts();
  const [frontal, lateral, before] = zooms.map((text) => Number(/\d+/.exec(text)?.[0]));
  expect(frontal, zooms.join()).toBe(before);
  expect(Number(lateral) / Number(frontal), zooms.join()).toBeCloseTo(1.25 * 1.25, 1);

  hold();
  await page.goto(`/studies/${stored.ct}`);
  await expect(page.locator('#place')).toHaveText('Ảnh 1 / 25');
  await page.locator('#stage').focus();
  await page.keyboard.press('PageDown');
  await expect(page.locator('#place')).toHaveText('Ảnh 1 / 13');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#place')).toHaveText('Ảnh 2 / 13');
  release();
  await expect(page.locator('#lite')).toHaveCount(0, { timeout: 60_000 });
  // Four series are hung; the one that was gone to is among them.
  await hung(page, 4);
  await expect(viewport(page, 2)).toHaveAttribute('data-active', 'true');
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveText('Ảnh 2 / 13');
  await expect(viewport(page, 1).getByTestId('frame-position')).toHaveText('Ảnh 1 / 25');
});

test('earlier studies are listed, opened beside, and compared by a key', async ({ signedIn: page, stored }) => {
  await page.goto(`/studies/${stored.ct}`);
  await hung(page, 1);
  await drawnIn(page, [1]);
  const prior = page.getByTestId('prior');
  await expect(prior).toHaveCount(1);
  await expect(prior).toContainText('05/01/2025');
  await expect(prior).toContainText('12 tháng trước');
  await expect(page.getByRole('button', { name: 'So sánh với ca chụp trước' })).toBeEnabled();
  await page.keyboard.press('Alt+p');
  await hung(page, 2);
  await drawnIn(page, [1, 2]);
  expect((await marks(page))[1]).toContain('CA CŨ · 05/01/2025');
  await expect(page).toHaveURL(new RegExp(stored.ct));
  // Emptied, and filled by hand from the list at the side.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Delete');
  await expect(page.getByTestId('study-mark').filter({ visible: true })).toHaveCount(0);
  await prior.click();
  await page.getByRole('button', { name: 'COR' }).nth(1).click();
  await drawnIn(page, [1, 2]);
  expect((await marks(page))[1]).toContain('CA CŨ · 05/01/2025');
  await keepPicture(page, 'hanging-prior');
  // What was beside it is there again after a reload.
  await page.reload();
  await hung(page, 2);
  await drawnIn(page, [1, 2]);
});

test('two examinations are scrolled together from where they are linked', async ({ signedIn: page, stored }) => {
  await page.goto(`/studies/${stored.ct}`);
  await drawnIn(page, [1]);
  await expect(page.getByRole('button', { name: 'So sánh với ca chụp trước' })).toBeEnabled();
  await page.keyboard.press('Alt+p');
  await drawnIn(page, [1, 2]);
  const at = (place: number) => viewport(page, place).getByTestId('frame-position');
  await page.keyboard.press('ArrowRight');
  for (const image of [2, 3, 4]) {
    await page.keyboard.press('ArrowDown');
    await expect(at(2)).toHaveText(`Ảnh ${image} / 25`);
  }
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Alt+l');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(at(1)).toHaveText('Ảnh 3 / 25');
  await expect(at(2)).toHaveText('Ảnh 6 / 25');
  await expect(page.locator('[data-testid="link-mark"][data-together="true"]')).toHaveCount(2);
});

test('who wants to scroll by dragging has it so on every study', async ({ signedIn: page, stored, baseURL }) => {
  await page.goto(`/studies/${stored.ct}`);
  await drawnIn(page, [1]);
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByRole('button', { name: 'Đổi phím và chuột' }).click();
  await page.getByLabel('Kéo chuột trái khi mở ca chụp').selectOption('Cuộn ảnh');
  await page.keyboard.press('Escape');
  await page.goto(`/studies/${stored.ctBefore}`);
  await drawnIn(page, [1]);
  await viewport(page, 1)
    .getByTestId('picture')
    .dragTo(viewport(page, 1).getByTestId('picture'), {
      sourcePosition: { x: 300, y: 200 },
      targetPosition: { x: 300, y: 320 },
    });
  await expect(viewport(page, 1).getByTestId('frame-position')).not.toHaveText('Ảnh 1 / 25');
  await keepSetting(page.request, baseURL, 'mouse', { leftDrag: 'window' });
});

test('without an earlier study the key says so', async ({ signedIn: page, stored }) => {
  await page.goto(`/studies/${stored.chestOfAnother}`);
  await drawnIn(page, [1]);
  await page.getByRole('button', { name: 'So sánh với ca chụp trước' }).click();
  await expect(page.getByText('Không có ca chụp trước cùng loại máy và bộ phận.')).toBeVisible();
});

test('a study of somebody else is never shown beside', async ({ signedIn: page, stored }) => {
  await page.goto(`/studies/${stored.chest}`);
  await drawnIn(page, [1]);
  await expect(page.getByRole('button', { name: 'So sánh với ca chụp trước' })).toBeEnabled();
  await page.keyboard.press('Alt+p');
  await drawnIn(page, [1, 2]);
  // Whatever a layout says that was remembered, or meddled with.
  await page.evaluate(
    ([before, another]) => {
      const kept = sessionStorage.getItem('filmless.layouts') ?? '';
      sessionStorage.setItem('filmless.layouts', kept.replaceAll(before ?? '', another ?? ''));
    },
    [stored.chestBefore, stored.chestOfAnother],
  );
  await page.reload();
  await hung(page, 2);
  await expect(viewport(page, 2).getByText('Đây là ca chụp của người bệnh khác')).toBeVisible();
  await expect(viewport(page, 2).getByTestId('frame-position')).toHaveCount(0);
});

test('a layout saved as one’s own hangs studies like it, survives signing out, and can be renamed and deleted', async ({
  hanging: page,
  stored,
}) => {
  await page.goto(`/studies/${stored.chest}`);
  await hung(page, 3);
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  await hung(page, 2);
  await drawnIn(page, [1, 2]);
  await page.getByRole('button', { name: 'Kiểu treo phim' }).click();
  await page.getByRole('menuitem', { name: 'Lưu bố cục này thành của tôi' }).click();
  await page.getByRole('textbox', { name: 'Tên' }).fill('Ngực của tôi');
  await page.getByRole('button', { name: 'Lưu', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.getByRole('button', { name: 'Đăng xuất' }).click();
  await page.getByLabel('Tài khoản', { exact: true }).fill(account);
  await page.getByLabel('Mật khẩu').fill(password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await expect(page.getByRole('button', { name: 'Kiểu treo phim' })).toBeVisible();
  await page.goto(`/studies/${stored.chest}`);
  await hung(page, 2);
  await page.getByRole('button', { name: 'Kiểu treo phim' }).click();
  await expect(page.getByRole('menuitem', { name: 'Ngực của tôi' })).toBeVisible();
  await keepPicture(page, 'hanging-menu');
  await page.getByRole('menuitem', { name: 'Các kiểu của tôi' }).click();
  await page.getByRole('textbox', { name: 'Tên' }).fill('Phổi');
  await page.getByRole('button', { name: 'Đổi tên' }).click();
  await page.getByRole('button', { name: 'Xóa Phổi' }).click();
  await expect(page.getByText('Bạn chưa lưu kiểu nào.')).toBeVisible();
});
