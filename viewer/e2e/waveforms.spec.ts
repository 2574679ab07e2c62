/** Waveforms: drawn in true size, measured by callipers against numbers that are known, and honest where the header is not. */
import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, code, ecgFile, element, newUid } from './part10';
import { studies } from './studies';

const belonging = (patientId: string): Belonging => ({
  patientName: 'ECG^SQUARE',
  patientId,
  study: newUid(),
  series: newUid(),
  modality: 'ECG',
});

/** A millivolt for half a second in every second. */
const square = Array.from({ length: 2500 }, (_, at) => (at % 500 < 250 ? 0 : 200));

const microvolts = (name: string) => [
  element(0x3a, 0x208, 'SQ', code('MDC', '2:1', name)),
  element(0x3a, 0x210, 'DS', '5'),
  element(0x3a, 0x211, 'SQ', code('UCUM', 'uV', 'microvolt')),
  element(0x3a, 0x212, 'DS', '1'),
  element(0x3a, 0x213, 'DS', '0'),
  element(0x3a, 0x220, 'DS', '0.05'),
  element(0x3a, 0x221, 'DS', '150'),
  element(0x3a, 0x222, 'DS', '50'),
];

/** The drawing that the page asked for last. */
function drawingOf(page: Page): () => Promise<string> {
  let last: Promise<string> | undefined;
  page.on('response', (response) => {
    if (response.request().headers().accept === 'image/svg+xml') {
      last = response.text();
    }
  });
  return async () => (await last) ?? '';
}

/** Where the curve of the drawing goes up, in millimetres of the paper. */
function edges(page: Page, drawing: string) {
  return page.evaluate((text) => {
    const svg = new DOMParser().parseFromString(text, 'image/svg+xml');
    const curve = svg.querySelector('[data-area] path[transform="scale(.01)"]');
    const row = /translate\(([\d.]+) ([\d.]+)\)/.exec(curve?.closest('g[transform]')?.getAttribute('transform') ?? '');
    const steps = [...(curve?.getAttribute('d') ?? '').matchAll(/([Ml])(-?\d+) (-?\d+)/g)];
    let [x, y] = [0, 0];
    const points = steps.map(([, kind, first, second]) => {
      [x, y] = kind === 'M' ? [Number(first), Number(second)] : [x + Number(first), y + Number(second)];
      return [x / 100 + Number(row?.[1]), y / 100 + Number(row?.[2])] as const;
    });
    const low = points[0]?.[1] ?? 0;
    const rises = points.filter(([, height], at) => height < low - 5 && (points[at - 1]?.[1] ?? 0) > low - 1);
    const tops = points.map(([, height]) => height);
    return { low, high: Math.min(...tops), first: rises[0]?.[0] ?? 0, second: rises[1]?.[0] ?? 0 };
  }, drawing);
}

test('a millivolt is ten millimetres and a second twenty-five at 100 %, and callipers measure them', async ({
  signedIn: page,
  baseURL,
}) => {
  const of = belonging('E2E-ECG');
  const svg = drawingOf(page);
  await storeFiles(page.request, baseURL, [ecgFile(of, [{ samples: square, definition: microvolts('Lead II') }])]);
  await page.goto(`/studies/${of.study}`);
  const drawing = page.getByTestId('waveform');
  await expect(drawing).toBeVisible();
  await page.getByTestId('paper-zoom').click();
  await expect(page.getByTestId('paper-zoom')).toHaveText('100%');
  const found = await edges(page, await svg());
  expect(found.low - found.high).toBeCloseTo(10, 1);
  expect(found.second - found.first).toBeCloseTo(25, 1);
  const box = await drawing.boundingBox();
  const viewBox = await drawing.evaluate((image) => (image as HTMLImageElement).naturalWidth);
  expect(box?.width).toBeCloseTo(viewBox, 0);

  const pixels = 96 / 25.4;
  const at = (x: number, y: number) => [(box?.x ?? 0) + x * pixels, (box?.y ?? 0) + y * pixels] as const;
  await page.mouse.move(...at(found.first, found.low));
  await page.mouse.down();
  await page.mouse.move(...at(found.first + 5, found.low - 3));
  await page.mouse.move(...at(found.second, found.high));
  await page.mouse.up();
  const measured = page.getByTestId('callipers');
  const [, milliseconds, millivolts] =
    /II · ([\d.]+) ms · 60 lần\/phút · (-?\d+,\d+) mV/.exec((await measured.innerText()).replace('1.0', '10')) ?? [];
  expect(Math.abs(Number(milliseconds) - 1000)).toBeLessThanOrEqual(12);
  expect(Math.abs(Number(millivolts?.replace(',', '.')) - 1)).toBeLessThanOrEqual(0.03);
  await keepPicture(page, 'waveform-callipers');
  await page.getByRole('button', { name: 'Phóng to', exact: true }).click();
  await expect(page.getByTestId('paper-zoom')).toHaveText('125%');
  expect((await drawing.boundingBox())?.width).toBeCloseTo((box?.width ?? 0) * 1.25, 0);
  await page.getByRole('button', { name: 'Xóa thước đo' }).click();
  await expect(measured).toContainText('Kéo trên giấy');
});

test('a 12-lead ECG is shown with its leads, fitted to the viewport', async ({ signedIn: page }) => {
  await page.goto(`/studies/${studies.ecg}`);
  await expect(page.getByTestId('waveform')).toBeVisible();
  await expect
    .poll(() => page.getByTestId('waveform').evaluate((image) => (image as HTMLImageElement).naturalWidth))
    .toBeGreaterThan(900);
  await keepPicture(page, 'waveform-12-lead');
});

test('filters are named, and a missing sensitivity is said', async ({ signedIn: page, baseURL }) => {
  const of = belonging('E2E-RAW');
  const text = drawingOf(page);
  const raw = [element(0x3a, 0x203, 'SH', '<b>raw</b>')];
  await storeFiles(page.request, baseURL, [
    ecgFile(of, [
      { samples: square, definition: microvolts('Lead I') },
      { samples: square, definition: raw },
    ]),
  ]);
  await page.goto(`/studies/${of.study}`);
  await expect.poll(text).toContain('Không có độ nhạy kênh');
  expect(await text()).toContain('0.05–150 Hz, khử 50 Hz');
  expect(await text()).not.toContain('<b>');
  await page.getByRole('button', { name: 'English' }).click();
  await expect.poll(text).toContain('Without a channel sensitivity');
  await keepPicture(page, 'waveform-raw');
});
