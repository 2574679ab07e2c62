import { expect, keepPicture, test } from './fixtures';
import { agreement, changedFrom, drawn, look, openStudy, picture, windowOnScreen } from './picture';
import { encodings, sameImage, studies } from './studies';

test('a CT volume scrolls, windows and keeps its place on the patient', async ({ signedIn: page }) => {
  await openStudy(page, studies.ctHeadPhantom);
  const position = page.getByTestId('frame-position');
  await expect(position).toHaveText(/^Ảnh 1 \/ \d+$/);
  await expect(page.getByTestId('orientation')).toHaveText('RLAP');
  await expect(page.getByTestId('scale-bar')).toHaveText(/cm/);

  let before = await look(page);
  for (let step = 0; step < 4; step += 1) {
    await picture(page).hover();
    await page.mouse.wheel(0, 100);
  }
  await expect(position).toHaveText(/^Ảnh 5 \//);
  before = await changedFrom(page, before);
  expect(before.brightest).toBeGreaterThan(100);

  const box = await picture(page).boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  const original = await windowOnScreen(page);
  await page.mouse.move(x, y);
  await page.mouse.down({ button: 'right' });
  await page.mouse.move(x + 200, y + 120, { steps: 8 });
  await page.mouse.up({ button: 'right' });
  const dragged = await windowOnScreen(page);
  expect(dragged.width).toBeGreaterThan(original.width);
  expect(dragged.center).toBeGreaterThan(original.center);
  before = await changedFrom(page, before);

  // The window chosen stays while scrolling.
  await page.keyboard.press('ArrowDown');
  await expect(position).toHaveText(/^Ảnh 6 \//);
  expect(await windowOnScreen(page)).toEqual(dragged);

  await page.keyboard.press('8');
  expect(await windowOnScreen(page)).toEqual({ width: 2500, center: 480 });
  await keepPicture(page, 'ct-bone');
  const loaded = page.getByTestId('stack-scroll-bar');
  const count = Number(/\d+$/.exec(await position.innerText())?.[0]);
  await expect(loaded).toHaveAttribute('data-loaded', String(count));
});

test('MR opens with the letters of a sagittal plane', async ({ signedIn: page }) => {
  await openStudy(page, studies.mrSagittal);
  await expect(page.getByTestId('orientation')).toHaveText('APHF');
  await page.keyboard.press('End');
  await expect(page.getByTestId('frame-position')).toHaveText(/^Ảnh (\d+) \/ \1$/);
  await keepPicture(page, 'mr');
});

test('MONOCHROME1 is bright where the body is dense, and inverts', async ({ signedIn: page }) => {
  await openStudy(page, studies.dxMonochrome1);
  const before = await look(page);
  expect(await agreement(page)).toBeGreaterThan(0.9);
  await keepPicture(page, 'dx');
  await page.keyboard.press('i');
  const inverted = await changedFrom(page, before);
  // The surround stays black, so the means do not simply add up; but what was bright is dark now.
  expect(Math.abs(inverted.mean - before.mean)).toBeGreaterThan(5);
  expect(await agreement(page)).toBeLessThan(-0.9);
  await page.keyboard.press('i');
  await expect.poll(async () => (await look(page)).digest).toBe(before.digest);
});

test('CR in JPEG 2000 shows as the server renders it', async ({ signedIn: page }) => {
  await openStudy(page, studies.crJpeg2000);
  expect(await agreement(page)).toBeGreaterThan(0.9);
  await keepPicture(page, 'cr');
});

test('an ultrasound recording plays in colour by itself, stops and changes its speed', async ({ signedIn: page }) => {
  await openStudy(page, studies.usLongCine);
  const position = page.getByTestId('frame-position');
  const first = await position.innerText();
  await expect(position).not.toHaveText(first);
  // One instance, but so many images.
  const frames = /\d+$/.exec(first)?.[0];
  expect(Number(frames)).toBeGreaterThan(1);
  await expect(page.getByRole('navigation', { name: 'Các tập ảnh' })).toContainText(`${frames} ảnh`);
  expect((await look(page)).colour).toBeGreaterThan(0);
  await keepPicture(page, 'us-cine');
  await page.getByRole('button', { name: 'Dừng duyệt ảnh' }).click();
  await expect(page.getByRole('button', { name: 'Duyệt ảnh tự động' })).toBeVisible();
  const stopped = await position.innerText();
  const slider = page.getByRole('slider', { name: 'Tốc độ duyệt ảnh' });
  const before = Number(await slider.inputValue());
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveValue(String(before + 1));
  expect(await position.innerText()).toBe(stopped);
});

test('ultrasound in palette colour and in RGB show in colour', async ({ signedIn: page }) => {
  for (const study of [studies.usPalette, studies.usRgb]) {
    await openStudy(page, study);
    expect((await look(page)).colour).toBeGreaterThan(0.01);
    const byRegion = page.getByRole('button', { name: 'Cửa sổ ảnh theo vùng: Ảnh màu không có cửa sổ ảnh' });
    await expect(byRegion).toBeDisabled();
  }
  await keepPicture(page, 'us-rgb');
});

for (const { name, study, series, place = 1 } of encodings) {
  test(`${name} shows`, async ({ signedIn: page }) => {
    await openStudy(page, study, series);
    for (let image = 2; image <= place; image += 1) {
      await page.keyboard.press('ArrowDown');
      await expect(page.getByTestId('frame-position')).toHaveText(new RegExp(`^Ảnh ${image} /`));
      await drawn(page);
    }
    const seen = await look(page);
    expect(seen.brightest).toBeGreaterThan(60);
    expect(seen.brightest - seen.darkest).toBeGreaterThan(40);
    // Recordings play on; what is shown is another frame of the same scene.
    expect(await agreement(page)).toBeGreaterThan(0.75);
    await keepPicture(page, `encoding-${name.replaceAll(/\W+/g, '-')}`);
  });
}

test('one image in four lossless encodings gives one picture', async ({ signedIn: page }) => {
  await openStudy(page, sameImage.study, sameImage.series);
  const position = page.getByTestId('frame-position');
  const count = Number(/\d+$/.exec(await position.innerText())?.[0]);
  expect(count).toBeGreaterThanOrEqual(4);
  await expect(page.getByTestId('stack-scroll-bar')).toHaveAttribute('data-loaded', String(count));
  const digests = new Set<number>();
  for (let index = 1; index <= count; index += 1) {
    await expect(position).toHaveText(`Ảnh ${index} / ${count}`);
    await drawn(page);
    digests.add((await look(page)).digest);
    await page.keyboard.press('ArrowDown');
  }
  expect(digests.size).toBe(1);
});

test('a frame gives one picture as it is stored, and compressed for a slow line', async ({
  signedIn: page,
  browser,
  session,
}) => {
  const digests = new Set<number>();
  for (const [downlink, form] of [
    [10, 'application/octet-stream'],
    [1, 'image/jphc'],
  ] as const) {
    const context = await browser.newContext({ storageState: session, viewport: page.viewportSize() });
    const viewed = await context.newPage();
    await viewed.addInitScript(
      (wide) => Object.defineProperty(navigator, 'connection', { value: { downlink: wide, rtt: 0 } }),
      downlink,
    );
    const forms: string[] = [];
    viewed.on('response', (response) => {
      if (/\/frames\/1$/.test(response.url())) {
        forms.push(response.headers()['content-type'] ?? '');
      }
    });
    await openStudy(viewed, studies.ctHeadPhantom);
    digests.add((await look(viewed)).digest);
    expect(forms.length).toBeGreaterThan(0);
    expect(forms.filter((one) => !one.includes(form))).toEqual([]);
    // What is compressed already comes as it is.
    forms.length = 0;
    await openStudy(viewed, studies.usLongCine);
    expect(forms.length).toBeGreaterThan(0);
    expect(forms.filter((one) => !one.includes('application/octet-stream'))).toEqual([]);
    await context.close();
  }
  expect(digests.size).toBe(1);
});
