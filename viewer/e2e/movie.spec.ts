import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, keepPicture, test } from './fixtures';
import { openStudy } from './picture';
import { studies } from './studies';

/** Samples in the table of sizes of an MP4 (ISO/IEC 14496-12 section 8.7.3, Sample Size Box). */
function samplesOf(file: Buffer): number {
  const at = file.indexOf('stsz');
  return at < 0 ? 0 : file.readUInt32BE(at + 12);
}

interface Played {
  readonly duration: number;
  readonly width: number;
  readonly height: number;
  /** Grey values of the first picture, brought to few pixels. */
  readonly grey: readonly number[];
}

const [across, down] = [48, 48];

/** Plays the file where no rule of our pages stands in the way. */
async function played(page: Page, file: Buffer): Promise<Played> {
  const other = await page.context().newPage();
  const result = await other.evaluate(
    async ([encoded, columns, rows]) => {
      const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
      const video = document.createElement('video');
      video.muted = true;
      const shown = new Promise((resolve, reject) => {
        // Before that it would be drawn as nothing.
        video.requestVideoFrameCallback(resolve);
        video.onerror = () => reject(new Error(video.error?.message ?? 'cannot be played'));
      });
      video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
      document.body.append(video);
      await shown;
      const context = new OffscreenCanvas(columns, rows).getContext('2d');
      if (!context) {
        throw new Error('no context');
      }
      context.imageSmoothingQuality = 'high';
      context.drawImage(video, 0, 0, columns, rows);
      const { data } = context.getImageData(0, 0, columns, rows);
      return {
        duration: video.duration,
        width: video.videoWidth,
        height: video.videoHeight,
        grey: Array.from({ length: columns * rows }, (_, at) => data[at * 4 + 1] ?? 0),
      };
    },
    [file.toString('base64'), across, down] as const,
  );
  await keepPicture(other, 'movie-first');
  await other.close();
  return result;
}

/** What the viewport shows, brought to the same few pixels. */
function onScreen(page: Page): Promise<number[]> {
  return page.evaluate(
    ([columns, rows]) => {
      const screen = document.querySelector<HTMLCanvasElement>('[data-testid="picture"] canvas');
      const context = new OffscreenCanvas(columns, rows).getContext('2d');
      if (!screen || !context) {
        return [];
      }
      context.imageSmoothingQuality = 'high';
      context.drawImage(screen, 0, 0, columns, rows);
      const { data } = context.getImageData(0, 0, columns, rows);
      return Array.from({ length: columns * rows }, (_, at) => data[at * 4 + 1] ?? 0);
    },
    [across, down] as const,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('a recording is saved as a moving picture of the chosen images, as fast as its header says, and written down', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.usLongCine);
  // It plays by itself.
  await page.keyboard.press('c');
  await page.keyboard.press('Home');
  await expect(page.getByTestId('frame-position')).toHaveAttribute('data-frame', '1');
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog', { name: 'Lưu ảnh' });
  await dialog.getByLabel('Định dạng').selectOption({ label: 'MP4, phim, có mất dữ liệu' });
  await expect(dialog.getByText('không dùng để chẩn đoán')).toBeVisible();
  const rate = Number(await dialog.getByLabel('Số ảnh mỗi giây').inputValue());
  const header = await page.evaluate(async () => {
    const frame = performance.getEntriesByType('resource').find(({ name }) => /\/frames\/1$/.test(name))?.name ?? '';
    const response = await fetch(frame.replace(/\/frames\/1$/, '/metadata'), {
      headers: { Accept: 'application/dicom+json' },
    });
    const [instance] = await response.json();
    const value = (tag: string) => Number(instance[tag]?.Value?.[0] ?? 0);
    return value('00082144') || value('00180040') || 1000 / value('00181063');
  });
  expect(rate).toBe(Math.round(header));
  const [from, to] = [1, 6];
  await dialog.getByLabel('Đến ảnh').fill(String(to));
  for (const mark of ['Chữ chỉ hướng', 'Thước tỷ lệ', 'Số ảnh và cửa sổ ảnh']) {
    await dialog.getByRole('checkbox', { name: mark }).uncheck();
  }
  await keepPicture(page, 'movie-dialog');
  const downloading = page.waitForEvent('download', { timeout: 90_000 });
  await dialog.getByRole('button', { name: 'Lưu', exact: true }).click();
  const download = await downloading;
  const file = await readFile(await download.path());
  expect(download.suggestedFilename()).toMatch(/^US_.*\.mp4$/);
  expect(file.subarray(4, 8).toString()).toBe('ftyp');
  expect(samplesOf(file)).toBe(to - from + 1);

  const movie = await played(page, file);
  expect(movie.duration).toBeCloseTo((to - from + 1) / rate, 2);
  expect([movie.width % 2, movie.height % 2]).toEqual([0, 0]);
  const screen = await onScreen(page);
  expect(mean(screen)).toBeGreaterThan(5);
  expect(mean(screen.map((value, at) => Math.abs(value - (movie.grey[at] ?? 255))))).toBeLessThan(5);

  const response = await page.request.get(`/api/exports?study=${studies.usLongCine}`);
  const [row] = await response.json();
  expect(row).toMatchObject({ format: 'mp4', images: to - from + 1, with_identity: false });
  expect(download.suggestedFilename()).toContain(row.code);
});

test('a browser that can write no moving picture says so', async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    VideoEncoder.isConfigSupported = async (config) => ({ supported: false, config });
  });
  await openStudy(page, studies.usLongCine);
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog', { name: 'Lưu ảnh' });
  await dialog.getByLabel('Định dạng').selectOption({ label: 'MP4, phim, có mất dữ liệu' });
  await dialog.getByLabel('Đến ảnh').fill('2');
  await dialog.getByRole('button', { name: 'Lưu', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('không ghi được phim');
});
