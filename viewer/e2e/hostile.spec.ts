/** Images that lie about themselves, and studies that change or go while they are read: said, and the viewer lives on. */
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, element, imageFile, newUid, unsigned } from './part10';
import { drawn, picture } from './picture';

const secondaryCapture = '1.2.840.10008.5.1.4.1.1.7';
const hostile = '<img src=x onerror="window.pwned=true">';

function belonging(patientId: string, patientName = 'HOSTILE^TEST'): Belonging {
  return { patientName, patientId, study: newUid(), series: newUid(), modality: 'OT' };
}

function grey(rows: number, columns: number): Buffer {
  const pixels = Buffer.alloc(rows * columns, 60);
  pixels.fill(255, 0, 40);
  return pixels;
}

test('a series of images that lie or differ is read to its end: each is shown or says why not', async ({
  signedIn: page,
  baseURL,
  watch,
}) => {
  watch.allow(/\/frames\/\d+$/);
  const of = belonging('E2E-LIES', '<script>window.pwned=true</script>');
  const window = (center: string, width: string) =>
    Buffer.concat([
      element(0x28, 0x1050, 'DS', center),
      element(0x28, 0x1051, 'DS', width),
      element(0x28, 0x1055, 'LO', hostile),
    ]);
  const named = { group8: element(8, 0x103e, 'LO', hostile) };
  const huge = Buffer.concat([
    element(0x6000, 0x10, 'US', unsigned(65_535)),
    element(0x6000, 0x11, 'US', unsigned(65_535)),
    element(0x6000, 0x15, 'IS', '2147483647'),
    element(0x6000, 0x1500, 'LO', hostile),
    element(0x6000, 0x3000, 'OW', Buffer.alloc(8, 0xff)),
  ]);
  const privateSyntax = imageFile(secondaryCapture, of, { rows: 64, columns: 64, pixels: grey(64, 64), number: 5 });
  const syntaxAt = privateSyntax.indexOf('1.2.840.10008.1.2.1\0');
  privateSyntax.write('2.999.1.2.3.4.5.6.78', syntaxAt, 'latin1');
  await storeFiles(page.request, baseURL, [
    imageFile(
      secondaryCapture,
      of,
      { rows: 64, columns: 64, pixels: grey(64, 64), number: 1 },
      { ...named, voi: window('40', '0') },
    ),
    imageFile(
      secondaryCapture,
      of,
      { rows: 48, columns: 32, pixels: grey(48, 32), number: 2, frames: '1' },
      { ...named, voi: window('40', '-80') },
    ),
    imageFile(
      secondaryCapture,
      of,
      { rows: 64, columns: 64, pixels: grey(64, 64), number: 3 },
      { ...named, voi: huge },
    ),
    imageFile(secondaryCapture, of, { rows: 64, columns: 64, pixels: grey(64, 64), number: 4, frames: '3' }, named),
    privateSyntax,
  ]);
  await page.goto(`/studies/${of.study}`);
  await drawn(page);
  await expect(page.getByTestId('window')).toBeVisible();
  await expect(page.getByTestId('labels')).toContainText(hostile);
  const position = page.getByTestId('frame-position');
  const said = page.getByText(/^Không hiện được ảnh \d+$/);
  const outcomes: string[] = [];
  const count = Number(/\/ (\d+)$/.exec(await position.innerText())?.[1]);
  for (let index = 1; index <= count; index += 1) {
    await expect(position).toHaveText(`Ảnh ${index} / ${count}`);
    await expect(page.getByTestId('zoom').or(said).first()).toBeVisible();
    await expect.poll(async () => (await said.count()) > 0 || (await page.getByTestId('zoom').count()) > 0).toBe(true);
    outcomes.push((await said.count()) > 0 ? 'said' : 'shown');
    await picture(page).focus();
    await page.keyboard.press('ArrowDown');
  }
  expect(outcomes.slice(0, 4)).toEqual(['shown', 'shown', 'shown', 'shown']);
  expect(outcomes).toContain('said');
  // The last one is of a transfer syntax that nobody knows.
  await expect(page.getByTestId('frame-failure')).toContainText('không giải mã được');
  await keepPicture(page, 'hostile-series');
  await page.keyboard.press('Home');
  await expect(position).toHaveText(`Ảnh 1 / ${count}`);
  await drawn(page);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('a study that changes while it is open says so, and one that is deleted as well', async ({
  signedIn: page,
  baseURL,
  watch,
}) => {
  watch.allow(/\/dicom-web\//);
  const of = belonging('E2E-CHANGES');
  const image = (number: number) =>
    imageFile(secondaryCapture, of, { rows: 64, columns: 64, pixels: grey(64, 64), number });
  await storeFiles(page.request, baseURL, [image(1)]);
  await page.goto(`/studies/${of.study}`);
  await drawn(page);
  /** As when the reader comes back to the tab. */
  const comeBack = () => page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await storeFiles(page.request, baseURL, [image(2), image(3)]);
  await comeBack();
  const notice = page.getByRole('status').filter({ hasText: 'Có thêm 2 đối tượng' });
  await expect(notice).toBeVisible();
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 1 / 1');
  await keepPicture(page, 'hostile-changed-study');
  await notice.getByRole('button', { name: 'Tải lại tập ảnh' }).click();
  await expect(page.getByTestId('frame-position')).toHaveText('Ảnh 1 / 3');
  await expect(notice).toBeHidden();

  const headers = { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin };
  expect((await page.request.delete(`/dicom-web/studies/${of.study}`, { headers })).ok()).toBe(true);
  await comeBack();
  await expect(page.getByText('Ca chụp này không có trong kho lưu trữ')).toBeVisible();
  await page.getByRole('link', { name: 'Về danh sách ca chụp' }).first().click();
  await expect(page.getByRole('heading', { name: 'Ca chụp này không có' })).toHaveCount(0);
});
