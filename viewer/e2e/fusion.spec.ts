import type { Locator, Page } from '@playwright/test';
import { faults } from './faults';
import { test as base, expect, keepPicture, storeFiles } from './fixtures';
import { fusionStudy, hounsfield, marker, uptake } from './fusionPhantom';

type PlaneId = 'axial' | 'sagittal' | 'coronal';
const planeIds = ['axial', 'sagittal', 'coronal'] as const;

/** With a CT and two PET in the archive, stored once. */
const test = base.extend<object, { scans: { study: string; series: readonly string[] } }>({
  scans: [
    async ({ playwright, session }, use, { project }) => {
      const baseURL = project.use.baseURL ?? '';
      const request = await playwright.request.newContext({ baseURL, storageState: session });
      const { study, series, files } = fusionStudy({ patientName: 'PHANTOM^FUSION', patientId: 'E2E-FUSION' });
      await storeFiles(request, baseURL, files);
      await request.dispose();
      await use({ study, series });
    },
    { scope: 'worker' },
  ],
});

function plane(page: Page, id: PlaneId): Locator {
  return page.getByTestId(`plane-${id}`);
}

async function volumeLoaded(page: Page): Promise<void> {
  await expect(page.getByTestId('plane-axial')).toBeVisible();
  await expect(page.getByTestId('volume').getByRole('progressbar')).toHaveCount(0, { timeout: 60_000 });
}

type Kind = 'bright' | 'coloured';

/** The middle of what is bright or coloured on a plane, in pixels of the screen from its upper left corner. */
function middleOf(page: Page, tile: string, kind: Kind): Promise<{ x: number; y: number; count: number }> {
  return page.evaluate(
    ([selector, wanted]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`[data-testid="${selector}"] canvas`);
      const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      if (!canvas || !data) {
        return { x: Number.NaN, y: Number.NaN, count: 0 };
      }
      let [x, y, count] = [0, 0, 0];
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
        const isGrey = Math.abs(red - blue) < 10 && Math.abs(red - green) < 10;
        if (wanted === 'bright' ? isGrey && green > 200 : red - blue > 50) {
          x += (at / 4) % canvas.width;
          y += Math.floor(at / 4 / canvas.width);
          count += 1;
        }
      }
      const scale = canvas.clientWidth / canvas.width;
      return { x: (x / count + 0.5) * scale, y: (y / count + 0.5) * scale, count };
    },
    [tile, kind] as const,
  );
}

/** Where a point of the patient is drawn: the CT is fitted, with its middle in the middle. */
async function placeOf(page: Page, id: PlaneId): Promise<{ x: number; y: number; mmPerPixel: number }> {
  const box = await plane(page, id).boundingBox();
  const mmPerPixel = Number(await plane(page, id).getByTestId('cross').getAttribute('data-mm'));
  const [right, down] = {
    axial: [marker[0], marker[1]],
    sagittal: [marker[1], -marker[2]],
    coronal: [marker[0], -marker[2]],
  }[id] as [number, number];
  return {
    x: (box?.width ?? 0) / 2 + right / mmPerPixel,
    y: (box?.height ?? 0) / 2 + down / mmPerPixel,
    mmPerPixel,
  };
}

async function pointAtMarker(page: Page, id: PlaneId): Promise<void> {
  const { x, y } = await placeOf(page, id);
  await plane(page, id).click({ position: { x, y } });
}

test('the hot spot of the PET lies on the marker of the CT in all planes, and both values are read', async ({
  signedIn: page,
  scans,
}) => {
  // Begun from the PET: the CT lies below all the same.
  await page.goto(`/studies/${scans.study}?series=${scans.series[1]}`);
  await expect(page.getByTestId('zoom')).toBeVisible({ timeout: 45_000 });
  await page.keyboard.press('m');
  await volumeLoaded(page);
  await page.getByRole('combobox', { name: 'Chồng ảnh với' }).selectOption({ label: 'CT · 1 · FUSION CT' });
  const bar = page.getByRole('toolbar', { name: 'Chồng ảnh' });
  await expect(bar).toContainText('PT trên CT');
  await volumeLoaded(page);
  await expect(bar.getByTestId('fusion-unit')).toHaveText('SUVbw');
  await expect(bar.getByRole('spinbutton', { name: 'Mức trên' })).toHaveValue('5');
  await pointAtMarker(page, 'coronal');
  await pointAtMarker(page, 'axial');

  const seen = {} as Record<PlaneId, { x: number; y: number }>;
  for (const id of planeIds) {
    await expect
      .poll(async () => (await middleOf(page, `plane-${id}`, 'coloured')).count, { message: `hot in ${id}` })
      .toBeGreaterThan(100);
    seen[id] = await middleOf(page, `plane-${id}`, 'coloured');
  }
  await keepPicture(page, 'fusion-ct-pet');
  expect(await faults(page, 'fusion')).toEqual([]);

  // As opaque as the slider says: of hot iron at 4 of 5 SUV the red is full, and half of it is CT.
  await bar.getByRole('slider', { name: 'Độ đậm' }).focus();
  await page.keyboard.press('Home');
  for (const id of planeIds) {
    await expect.poll(async () => (await middleOf(page, `plane-${id}`, 'coloured')).count).toBe(0);
    const ct = await middleOf(page, `plane-${id}`, 'bright');
    const { x, y, mmPerPixel } = await placeOf(page, id);
    expect(ct.count, `marker in ${id}`).toBeGreaterThan(20);
    // Half a millimetre of 1.5 of the CT, and a millimetre of 3.5 of the PET.
    expect(Math.hypot(ct.x - x, ct.y - y) * mmPerPixel, `CT in ${id}`).toBeLessThan(0.75);
    expect(Math.hypot(seen[id].x - ct.x, seen[id].y - ct.y) * mmPerPixel, `PET on CT in ${id}`).toBeLessThan(1.2);
  }
  await page.keyboard.press('End');

  const { x, y } = await placeOf(page, 'axial');
  await plane(page, 'axial').hover({ position: { x: x + 4, y: y + 4 } });
  const values = plane(page, 'axial').getByTestId('values');
  await expect(values).toContainText(`CT ${hounsfield.marker} HU`);
  await expect(values).toContainText(`PT ${uptake.hot} SUVbw`);
  const { mmPerPixel } = await placeOf(page, 'axial');
  await plane(page, 'axial').hover({ position: { x: x - 30 / mmPerPixel, y } });
  await expect(values).toContainText(`CT ${hounsfield.body} HU`);
  await expect(values).toContainText('PT 0,2 SUVbw');

  // In space: the PET alone, brightest first.
  await expect(page.getByTestId('model-preset')).toHaveText('MIP của PT');
  await expect.poll(async () => (await middleOf(page, 'model', 'coloured')).count).toBeGreaterThan(100);
  await bar.getByRole('combobox', { name: 'Bảng màu' }).selectOption({ label: 'PET 20 bậc' });
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('toolbar', { name: 'Fusion' })).toContainText('PT over CT');
  await keepPicture(page, 'fusion-english');
});

test('a series of another frame of reference is not laid over, which is said', async ({ signedIn: page, scans }) => {
  await page.goto(`/studies/${scans.study}?series=${scans.series[0]}`);
  await expect(page.getByTestId('zoom')).toBeVisible({ timeout: 45_000 });
  await page.keyboard.press('m');
  await volumeLoaded(page);
  await page.getByRole('combobox', { name: 'Chồng ảnh với' }).selectOption({ label: 'PT · 3 · FUSION PET ELSEWHERE' });
  await expect(page.getByTestId('fusion-refused')).toContainText('thuộc hệ tọa độ khác');
  await volumeLoaded(page);
  await expect(page.getByRole('toolbar', { name: 'Chồng ảnh' })).toHaveCount(0);
  await expect(plane(page, 'axial').getByTestId('orientation')).toHaveText('RLAP');
});
