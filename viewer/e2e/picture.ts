/** Looking at the picture as a reader does: what is on the canvas, and what is written over it. */
import { expect, type Locator, type Page } from '@playwright/test';

/** What the canvas shows, in numbers. */
export interface Look {
  readonly mean: number;
  readonly brightest: number;
  readonly darkest: number;
  /** Share of pixels that are not grey. */
  readonly colour: number;
  /** Changes with any visible change. */
  readonly digest: number;
}

/** Reads a canvas, ours unless another is named. */
export function look(page: Page, selector = '[data-testid="picture"] canvas'): Promise<Look> {
  return page.evaluate((selected) => {
    const canvas = document.querySelector<HTMLCanvasElement>(selected);
    const pixels =
      canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
    let sum = 0;
    let count = 0;
    let brightest = 0;
    let darkest = 255;
    let coloured = 0;
    let digest = 0;
    for (let at = 0; at < pixels.length; at += 4 * 13) {
      const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
      sum += green;
      count += 1;
      brightest = Math.max(brightest, green);
      darkest = Math.min(darkest, green);
      coloured += Math.abs(red - blue) > 12 || Math.abs(red - green) > 12 ? 1 : 0;
      digest = (digest * 31 + green) % 1_000_000_007;
    }
    return { mean: sum / Math.max(count, 1), brightest, darkest, colour: coloured / Math.max(count, 1), digest };
  }, selector);
}

/** The surface that takes mouse and keys. */
export function picture(page: Page): Locator {
  return page.getByTestId('picture');
}

/** Opens a study (and one of its series) by its address and waits until a frame is drawn by us, not the preview. */
export async function openStudy(page: Page, study: string, series?: string): Promise<void> {
  await page.goto(`/studies/${study}${series === undefined ? '' : `?series=${series}`}`);
  await drawn(page);
}

/** Waits until a frame is drawn. */
export async function drawn(page: Page): Promise<void> {
  await expect(page.getByTestId('zoom')).toBeVisible({ timeout: 45_000 });
  await expect.poll(async () => (await look(page)).brightest, { timeout: 20_000 }).toBeGreaterThan(20);
}

/** Waits until the picture differs from an earlier look, and gives the new one. */
export async function changedFrom(page: Page, before: Look): Promise<Look> {
  await expect.poll(async () => (await look(page)).digest).not.toBe(before.digest);
  return look(page);
}

/** Width and centre as written over the picture. */
export async function windowOnScreen(page: Page): Promise<{ width: number; center: number }> {
  const text = await page.getByTestId('window').innerText();
  const [, width, center] = /W\s*([\d.,-]+)\s*L\s*([\d.,-]+)/.exec(text) ?? [];
  return { width: Number(width?.replace(',', '.')), center: Number(center?.replace(',', '.')) };
}

/**
 * How far our picture agrees with the one the server renders of the same frame: the correlation of both, laid over each
 * other. 1 is the same up to brightness and contrast; an inverted picture gives a negative number, a wrong one about 0.
 */
export async function agreement(page: Page): Promise<number> {
  const frame = await page.evaluate(() => {
    const entries = performance.getEntriesByType('resource').map((entry) => entry.name);
    return entries.filter((name) => /\/frames\/1$/.test(name)).at(-1);
  });
  expect(frame, 'a first frame was fetched').toBeDefined();
  return agreementWith(page, `${frame}/rendered`);
}

/** The same with any picture of the server. */
export function agreementWith(page: Page, rendered: string): Promise<number> {
  return page.evaluate(async (address) => {
    const ours = document.querySelector<HTMLCanvasElement>('[data-testid="picture"] canvas');
    const response = await fetch(address, { headers: { Accept: 'image/png, image/jpeg' } });
    if (!ours || !response.ok) {
      return Number.NaN;
    }
    const theirs = await createImageBitmap(await response.blob());
    const [width, height] = [96, Math.round((96 * ours.height) / ours.width)];
    const grey = (draw: (context: OffscreenCanvasRenderingContext2D) => void) => {
      const context = new OffscreenCanvas(width, height).getContext('2d');
      if (!context) {
        return [];
      }
      context.imageSmoothingQuality = 'high';
      context.fillRect(0, 0, width, height);
      draw(context);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, index) => data[index * 4 + 1] ?? 0);
    };
    const fit = Math.min(width / theirs.width, height / theirs.height);
    const [w, h] = [theirs.width * fit, theirs.height * fit];
    const a = grey((context) => context.drawImage(ours, 0, 0, width, height));
    const b = grey((context) => context.drawImage(theirs, (width - w) / 2, (height - h) / 2, w, h));
    // Only where the picture is: black bars at the sides agree whatever is between them.
    const inside = a.map((_, index) => Math.abs((index % width) + 0.5 - width / 2) < w / 2 - 1);
    const [x, y] = [a, b].map((values) => values.filter((_, index) => inside[index]));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [mx, my] = [mean(x ?? []), mean(y ?? [])];
    let covariance = 0;
    let varianceX = 0;
    let varianceY = 0;
    (x ?? []).forEach((value, index) => {
      const [dx, dy] = [value - mx, (y?.[index] ?? 0) - my];
      covariance += dx * dy;
      varianceX += dx * dx;
      varianceY += dy * dy;
    });
    return covariance / Math.sqrt(varianceX * varianceY);
  }, rendered);
}
