/** What is no picture and is shown all the same: PDF documents and videos, friendly and hostile. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, imageFile, newUid, pdfFile, videoFile } from './part10';
import { pdfDocument } from './pdf';
import { drawn } from './picture';
import { studies } from './studies';

function belonging(patientId: string, modality: string): Belonging {
  return { patientName: 'OBJECTS^OTHER', patientId, study: newUid(), series: newUid(), modality };
}

/** How much of what is on the screen there is paper, which the browser's own viewer drew: nothing in the page tells. */
async function paper(page: Page): Promise<number> {
  const box = await page.getByTestId('pdf').boundingBox();
  const png = await page.screenshot(box ? { clip: box } : {});
  return page.evaluate(async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
    let white = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      white += (pixels[at] ?? 0) > 245 && (pixels[at + 2] ?? 0) > 245 ? 1 : 0;
    }
    return (white * 4) / pixels.length;
  }, png.toString('base64'));
}

interface Playing {
  readonly time: number;
  readonly paused: boolean;
  readonly speed: number;
  /** Changes with the frame. */
  readonly digest: number;
}

function playing(page: Page): Promise<Playing> {
  return page.getByTestId('video').evaluate((element) => {
    const video = element as HTMLVideoElement;
    const context = new OffscreenCanvas(64, 64).getContext('2d');
    context?.drawImage(video, 0, 0, 64, 64);
    const pixels = context?.getImageData(0, 0, 64, 64).data ?? new Uint8ClampedArray();
    const digest = pixels.reduce<number>((sum, value) => (sum * 31 + value) % 1_000_000_007, 0);
    return { time: video.currentTime, paused: video.paused, speed: video.playbackRate, digest };
  });
}

test('a PDF opens in the page by the browser’s own viewer, with its title, and can be saved', async ({
  signedIn: page,
}) => {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => /\/rendered$/.test(response.url()) && response.request().isNavigationRequest()),
    page.goto(`/studies/${studies.pdf}`),
  ]);
  expect(await page.evaluate(() => navigator.pdfViewerEnabled)).toBe(true);
  expect(answer.status()).toBe(200);
  expect(answer.headers()['content-type']).toBe('application/pdf');
  expect(answer.headers()['x-content-type-options']).toBe('nosniff');
  const shown = page.getByTestId('object');
  await expect(shown.getByRole('heading')).toHaveText('Synthetic report, developer set');
  await expect.poll(() => paper(page)).toBeGreaterThan(0.3);
  await keepPicture(page, 'objects-pdf');

  const [document] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Tệp PDF' }).click(),
  ]);
  expect(document.suggestedFilename()).toMatch(/^[\d.]+\.pdf$/);
  expect((await readFile(await document.path())).subarray(0, 5).toString()).toBe('%PDF-');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Tệp DICOM' }).click(),
  ]);
  expect((await readFile(await file.path())).subarray(128, 132).toString()).toBe('DICM');
});

test('a hostile document changes nothing of the page: neither by its title, nor as a page, nor by its script', async ({
  signedIn: page,
  baseURL,
}) => {
  const of = belonging('E2E-HOSTILE', 'DOC');
  const title = '<img src=x onerror="document.title=\'pwned\'">Kết quả';
  const html = Buffer.from('<html><script>top.document.title = "pwned"; top.pwned = true;</script>%PDF-1.4</html>');
  const script = [
    'try { top.document.title = "pwned"; } catch (e) {}',
    'try { this.hostContainer.postMessage(["pwned"]); } catch (e) {}',
    'try { app.launchURL("http://127.0.0.1:9/pwned", false); } catch (e) {}',
    'try { this.submitForm({ cURL: "http://127.0.0.1:9/pwned", cSubmitAs: "HTML" }); } catch (e) {}',
    'try { this.getURL("javascript:top.document.title=\'pwned\'"); } catch (e) {}',
  ].join('\n');
  await storeFiles(page.request, baseURL, [
    pdfFile(of, { title, document: html, number: 1 }),
    pdfFile(of, { title: 'Scripted', document: pdfDocument('A scripted document', script), number: 2 }),
  ]);
  await page.goto(`/studies/${of.study}`);
  const list = page.getByTestId('other-objects');
  await expect(list).toContainText(title);
  const address = page.url();
  for (const [place, name] of [title, 'Scripted'].entries()) {
    await list.getByRole('button', { name: 'Mở', exact: true }).nth(place).click();
    await expect(page.getByTestId('object').getByRole('heading')).toHaveText(name);
    await expect(page.getByTestId('pdf')).toBeVisible();
    if (name === 'Scripted') {
      await expect.poll(() => paper(page)).toBeGreaterThan(0.3);
      await keepPicture(page, 'objects-scripted-pdf');
    }
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
    await expect(page).toHaveTitle(/^OBJECTS OTHER/);
    expect(page.url()).toBe(address);
    await page.getByRole('button', { name: 'Tất cả trong tập' }).click();
  }
});

test('what does not begin as a PDF is not given to the viewer, and that is said', async ({
  signedIn: page,
  baseURL,
}) => {
  const of = belonging('E2E-NOPDF', 'DOC');
  const document = Buffer.from('<html><script>top.document.title = "pwned"</script></html>');
  await storeFiles(page.request, baseURL, [pdfFile(of, { title: 'No PDF', document, number: 1 })]);
  await page.goto(`/studies/${of.study}`);
  await expect(page.getByRole('alert')).toContainText('không phải tài liệu PDF');
  await expect(page.getByTestId('pdf')).toHaveCount(0);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('alert')).toContainText('no PDF document');
});

test('the page frames nothing but documents of our own', async ({ signedIn: page, watch }) => {
  // What is refused is complained of.
  watch.allow(/.*/);
  await page.goto(`/studies/${studies.pdf}`);
  await expect(page.getByTestId('pdf')).toBeVisible();
  const framed = async (source: string) => {
    const refused = await page.evaluate(
      (kind) =>
        new Promise<string>((resolve) => {
          const blob = new Blob(['<script>top.pwned = true</script>'], { type: 'text/html' });
          const frame = document.createElement('iframe');
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
            once: true,
          });
          frame.addEventListener('load', () => resolve(frame.contentDocument === null ? 'not let in' : 'shown'));
          frame.src = kind === 'blob' ? URL.createObjectURL(blob) : kind;
          document.body.append(frame);
        }),
      source,
    );
    return refused;
  };
  expect(await framed('blob')).toBe('frame-src');
  expect(await framed('data:text/html,hello')).toBe('frame-src');
  expect(await framed('http://127.0.0.1:9/')).toBe('frame-src');
  // Ours, but not to be framed.
  expect(await framed('/')).toBe('not let in');
  expect(await framed('/api/session')).toBe('not let in');
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('an H.264 video plays, stops, goes frame by frame and at other speeds, by keys and buttons', async ({
  signedIn: page,
}) => {
  const ranges: string[] = [];
  page.on('response', (response) => {
    if (/\/rendered$/.test(response.url()) && response.request().resourceType() === 'media') {
      ranges.push(`${response.status()} ${response.request().headers().range}`);
    }
  });
  await page.goto(`/studies/${studies.videoH264}`);
  const position = page.getByTestId('video-position');
  await expect(position).toHaveText(/^Ảnh 1 \/ 48 · 0,00 \/ 1,92 giây$/);
  expect(ranges[0]).toBe('206 bytes=0-');

  await page.keyboard.press('ArrowDown');
  await expect(position).toHaveText(/^Ảnh 2 \//);
  const seen = new Set<number>();
  for (let frame = 3; frame <= 8; frame += 1) {
    await page.keyboard.press('ArrowDown');
    await expect(position).toHaveText(new RegExp(`^Ảnh ${frame} /`));
    seen.add((await playing(page)).digest);
  }
  expect(seen.size).toBe(6);
  const eighth = (await playing(page)).digest;
  await keepPicture(page, 'objects-video');
  await page.getByRole('button', { name: 'Ảnh trước' }).click();
  await expect(position).toHaveText(/^Ảnh 7 \//);
  await page.getByRole('button', { name: 'Ảnh sau' }).click();
  await expect(position).toHaveText(/^Ảnh 8 \//);
  await expect.poll(async () => (await playing(page)).digest).toBe(eighth);
  await page.keyboard.press('End');
  await expect(position).toHaveText('Ảnh 48 / 48 · 1,90 / 1,92 giây');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Home');
  await expect(position).toHaveText(/^Ảnh 1 \//);

  for (const speed of [0.5, 0.25, 0.1]) {
    await page.keyboard.press(',');
    await expect.poll(async () => (await playing(page)).speed).toBe(speed);
  }
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Tạm dừng' })).toBeVisible();
  await expect.poll(async () => (await playing(page)).time).toBeGreaterThan(0.1);
  await page.keyboard.press('c');
  await expect(page.getByRole('button', { name: 'Phát' })).toBeVisible();
  expect((await playing(page)).paused).toBe(true);
  await page.getByRole('combobox', { name: 'Tốc độ phát' }).selectOption('4×');
  expect((await playing(page)).speed).toBe(4);
  await page.getByRole('button', { name: 'Phát' }).click();
  await expect.poll(async () => (await playing(page)).time).toBeGreaterThan(1.9);
  await expect(page.getByRole('button', { name: 'Phát' })).toBeVisible();

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Tệp video' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^[\d.]+\.mp4$/);
});

test('a video that the browser cannot play says why, and can be saved', async ({ signedIn: page, baseURL }) => {
  const mpeg2 = belonging('E2E-MPEG2', 'ES');
  const stream = Buffer.concat([Buffer.of(0, 0, 1, 0xba), Buffer.alloc(2044)]);
  await storeFiles(page.request, baseURL, [videoFile(mpeg2, '1.2.840.10008.1.2.4.100', stream)]);
  for (const [study, reason, extension] of [
    [studies.videoH265, 'H.265', 'ts'],
    [mpeg2.study, 'MPEG-2', 'mpg'],
  ] as const) {
    await page.goto(`/studies/${study}`);
    await expect(page.getByRole('alert')).toContainText(reason);
    await expect(page.getByTestId('video')).toHaveCount(0);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Tệp video' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`^[\\d.]+\\.${extension}$`));
  }
  await keepPicture(page, 'objects-mpeg2');
});

test('a video in no container that is known is said to be such, with its DICOM file', async ({
  signedIn: page,
  baseURL,
  watch,
}) => {
  watch.allow(/\/rendered$/);
  const of = belonging('E2E-AVI', 'ES');
  await storeFiles(page.request, baseURL, [
    videoFile(of, '1.2.840.10008.1.2.4.102', Buffer.from('RIFF\0\0\0\0AVI LIST')),
  ]);
  await page.goto(`/studies/${of.study}`);
  await expect(page.getByRole('alert')).toContainText('Máy chủ không tìm thấy');
  await expect(page.getByRole('link', { name: 'Tệp video' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Tệp DICOM' })).toBeVisible();
});

test('a damaged video is said to be damaged, and comes on another try', async ({ signedIn: page, watch }) => {
  watch.allow(/\/rendered$/);
  let broken = true;
  await page.route(/\/rendered$/, async (route) => {
    if (broken && route.request().resourceType() === 'media') {
      await route.fulfill({ contentType: 'video/mp4', body: Buffer.alloc(4096, 7) });
    } else {
      await route.continue();
    }
  });
  await page.goto(`/studies/${studies.videoH264}`);
  await expect(page.getByRole('alert')).toContainText('bị hỏng');
  broken = false;
  await page.getByRole('button', { name: 'Thử lại' }).click();
  await expect(page.getByTestId('video-position')).toHaveText(/^Ảnh 1 \/ 48/);
});

test('what is beside the pictures of a series is told, opened in a viewport of its own, and there again', async ({
  signedIn: page,
  baseURL,
}) => {
  const of = belonging('E2E-MIXED', 'OT');
  const pixels = Buffer.from(Array.from({ length: 64 * 64 }, (_, index) => (index % 64) * 4));
  await storeFiles(page.request, baseURL, [
    imageFile('1.2.840.10008.5.1.4.1.1.7', of, { rows: 64, columns: 64, pixels, number: 1 }),
    pdfFile(of, { title: 'Phiếu kết quả', document: pdfDocument('Ket qua', ''), number: 2 }),
  ]);
  await page.goto(`/studies/${of.study}`);
  await drawn(page);
  await keepPicture(page, 'objects-beside');
  await page.getByRole('button', { name: '1 đối tượng khác' }).click();
  await page.getByRole('button', { name: 'Mở', exact: true }).click();
  await expect(page.getByTestId('object').getByRole('heading')).toHaveText('Phiếu kết quả');
  await page.reload();
  await expect(page.getByTestId('object').getByRole('heading')).toHaveText('Phiếu kết quả');
  await expect.poll(() => paper(page)).toBeGreaterThan(0.3);
  await page.getByRole('button', { name: 'Tất cả trong tập' }).click();
  await page.getByRole('button', { name: 'Về phần ảnh' }).click();
  await drawn(page);
  await expect(page.getByTestId('object')).toHaveCount(0);
});

test('a document beside pictures becomes active by a click into it, and takes a series that is dropped on it', async ({
  signedIn: page,
  baseURL,
}) => {
  const pictures = belonging('E2E-BESIDE', 'OT');
  const documents = { ...pictures, series: newUid(), modality: 'DOC' };
  const pixels = Buffer.from(Array.from({ length: 64 * 64 }, (_, index) => (index % 64) * 4));
  await storeFiles(page.request, baseURL, [
    imageFile('1.2.840.10008.5.1.4.1.1.7', pictures, { rows: 64, columns: 64, pixels, number: 1 }),
    pdfFile(documents, { title: 'Phiếu kết quả', document: pdfDocument('Ket qua', ''), number: 1 }),
  ]);
  await page.goto(`/studies/${pictures.study}`);
  await drawn(page);
  await page.getByRole('button', { name: 'Bố cục' }).click();
  await page.getByRole('button', { name: '1 × 2' }).click();
  const [first, second] = [page.getByTestId('viewport').nth(0), page.getByTestId('viewport').nth(1)];
  const list = page.getByRole('navigation', { name: 'Các tập ảnh' }).getByRole('button');
  await list.nth(1).dragTo(second.getByTestId('picture'));
  await expect.poll(() => paper(page)).toBeGreaterThan(0.3);
  await first.getByTestId('picture').click();
  await expect(first).toHaveAttribute('data-active', 'true');
  await page.getByTestId('pdf').click();
  await expect(second).toHaveAttribute('data-active', 'true');
  await keepPicture(page, 'objects-beside-pdf');
  await first.getByTestId('picture').click();
  // With pauses, as a hand makes them: under the pointer is what was there in the frame that was drawn last.
  const frame = page.getByTestId('pdf');
  const { x = 0, y = 0 } = (await frame.boundingBox()) ?? {};
  await list.nth(0).hover({ position: { x: 40, y: 40 } });
  await page.mouse.down();
  await list.nth(0).hover({ position: { x: 60, y: 50 }, force: true });
  await expect(frame).toHaveCSS('pointer-events', 'none');
  await page.screenshot();
  await page.mouse.move(x + 90, y + 200, { steps: 4 });
  await page.mouse.move(x + 100, y + 210, { steps: 4 });
  await page.mouse.up();
  await expect(second.getByTestId('zoom')).toBeVisible();
  await expect(page.getByTestId('pdf')).toHaveCount(0);
});
