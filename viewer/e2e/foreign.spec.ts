/**
 * Pictures beside those that pydicom makes of the same files: FILMLESS_REFERENCES is the folder of tests/interop/references.py.
 * Every kind of image of the collection, drawn at one pixel a pixel.
 */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { drawn, look, openStudy } from './picture';

/** In levels of 256: rounding, another decoder of lossy JPEG, and a graphics card that smoothes before it windows. */
const tolerance = { mean: 1.5, nearlyAll: 12 };

interface Reference {
  readonly name: string;
  readonly study: string;
  readonly series: string;
  readonly picture: string;
  /** Height by width of a pixel. */
  readonly aspect: number;
  /** Of the screen that it lies at, as the chest wall of a mammogram. */
  readonly edge: 'left' | 'right' | null;
}

const folder = process.env.FILMLESS_REFERENCES;
const references: readonly Reference[] =
  folder === undefined ? [] : JSON.parse(readFileSync(`${folder}/pictures.json`, 'utf8')).pictures;

/** The differences of the canvas from a picture that lies in its middle or at an edge of it, in levels. */
function difference(
  page: Page,
  { picture, aspect, edge }: Reference,
): Promise<{ mean: number; nearlyAll: number; compared: number }> {
  const png = readFileSync(`${folder}/${picture}`).toString('base64');
  return page.evaluate(
    async ([encoded, tall, side]) => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="picture"] canvas');
      if (!canvas) {
        return { mean: Number.NaN, nearlyAll: Number.NaN, compared: 0 };
      }
      const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
      const reference = await createImageBitmap(new Blob([bytes]));
      const { width, height } = canvas;
      const drawn = new OffscreenCanvas(width, height).getContext('2d');
      // A picture that falls between the pixels of the screen is smoothed by both.
      const half = reference.width / 2;
      const middle = side === null ? width / 2 : { left: half, right: width - half }[side];
      drawn?.setTransform(1, 0, 0, tall, middle, height / 2);
      drawn?.drawImage(reference, -reference.width / 2, -reference.height / 2);
      const theirs = drawn?.getImageData(0, 0, width, height).data ?? [];
      const ours = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      // Of pictures of a few pixels, the rim is most.
      const [across, down] = [reference.width / 2 - 1, (reference.height / 2 - 1) * tall];
      const levels: number[] = [];
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          if (Math.abs(x + 0.5 - middle) < across && Math.abs(y + 0.5 - height / 2) < down) {
            for (let sample = 0; sample < 3; sample += 1) {
              const at = (y * width + x) * 4 + sample;
              levels.push(Math.abs((ours[at] ?? 0) - (theirs[at] ?? 0)));
            }
          }
        }
      }
      levels.sort((a, b) => a - b);
      const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
      return { mean, nearlyAll: levels[Math.floor(levels.length * 0.99)] ?? Number.NaN, compared: levels.length };
    },
    [png, aspect, edge] as const,
  );
}

for (const reference of references) {
  test(`${reference.name} looks as pydicom shows it`, async ({ signedIn: page }) => {
    await openStudy(page, reference.study, reference.series);
    const stop = page.getByRole('button', { name: 'Dừng duyệt ảnh' });
    if (await stop.isVisible()) {
      await stop.click();
    }
    await page.keyboard.press('Home');
    // Frames are in the order of their places, and the reference is of the one that is stored first.
    const position = page.getByTestId('frame-position');
    for (let image = 1; ; image += 1) {
      await expect(position).toHaveText(new RegExp(`^Ảnh ${image} /`));
      if ((await position.getAttribute('data-frame')) === '1') {
        break;
      }
      await page.keyboard.press('ArrowDown');
    }
    await drawn(page);
    await page.getByRole('button', { name: 'Công cụ khác' }).click();
    await page.getByRole('menuitem', { name: 'Đúng điểm ảnh (1:1)' }).click();
    await expect(page.getByTestId('zoom')).toHaveText(/100/);
    let seen = await look(page);
    await expect
      .poll(async () => {
        const before = seen.digest;
        seen = await look(page);
        return seen.digest === before;
      })
      .toBe(true);
    await keepPicture(page, `foreign-${reference.name.replaceAll(/\W+/g, '-')}`);
    const { mean, nearlyAll, compared } = await difference(page, reference);
    expect(compared).toBeGreaterThan(50);
    expect.soft(mean, 'levels off in the mean').toBeLessThanOrEqual(tolerance.mean);
    expect(nearlyAll, 'levels that 99 of 100 samples are off at most').toBeLessThanOrEqual(tolerance.nearlyAll);
  });
}
