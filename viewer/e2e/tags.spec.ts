/** The attributes behind what is shown: found by name, tag and value, read whole, and harmless whatever a peer wrote. */
import type { Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, element, imageFile, item, newUid } from './part10';
import { drawn, openStudy } from './picture';
import { studies } from './studies';

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Thuộc tính DICOM' });
const rows = (page: Page) => dialog(page).getByTestId('tags');

test('the attributes of the image on the screen are searched by name, keyword, tag and value', async ({
  signedIn: page,
}) => {
  await openStudy(page, studies.ctHeadPhantom);
  await page.keyboard.press('ArrowDown');
  await drawn(page);
  await page.keyboard.press('#');
  await expect(rows(page)).toContainText('(0008,0016)');
  await keepPicture(page, 'tags');
  const search = dialog(page).getByRole('searchbox');
  await expect(search).toBeFocused();
  for (const [query, tag] of [
    ['slice thick', '(0018,0050)'],
    ['SliceThickness', '(0018,0050)'],
    ['0018,0050', '(0018,0050)'],
    ['philips', '(0008,0070)'],
  ] as const) {
    await search.fill(query);
    await expect(rows(page)).toContainText(tag);
    await expect(rows(page)).not.toContainText('(0008,0016)');
  }
  await search.fill('0020 instance number');
  await expect(rows(page)).toContainText(/\(0020,0013\)/);
  await search.fill('no such thing anywhere');
  await expect(dialog(page).getByRole('status')).toHaveText('Tìm thấy 0');
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toHaveCount(0);
  // Keys are the picture's again.
  await page.keyboard.press('End');
  await drawn(page);
});

test('sequences open, private attributes name their creator, and long values are read whole and copied', async ({
  signedIn: page,
  baseURL,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const of: Belonging = {
    patientName: 'Trần^Đức',
    patientId: 'E2E-TAGS',
    study: newUid(),
    series: newUid(),
    modality: 'OT',
  };
  const hostile = '<img src=x onerror="window.pwned=true"><script>window.pwned=true</script>';
  const long = `${'dài '.repeat(200)}HẾT`;
  const step = (uid: string) => item(element(8, 0x1155, 'UI', uid));
  const pixels = Buffer.alloc(64 * 64, 120);
  await storeFiles(page.request, baseURL, [
    imageFile(
      '1.2.840.10008.5.1.4.1.1.7',
      of,
      { rows: 64, columns: 64, pixels, number: 1 },
      {
        group20: Buffer.concat([
          element(0x20, 0x13, 'IS', '1'),
          element(0x20, 0x4000, 'LT', long),
          element(0x21, 0x10, 'LO', hostile.slice(0, 60)),
          element(0x21, 0x1001, 'LO', hostile.slice(0, 60)),
        ]),
        group8: Buffer.concat([
          element(8, 0x1030, 'LO', '<b onmouseover="window.pwned=true">x'),
          element(8, 0x1140, 'SQ', Buffer.concat([1, 2, 3, 4, 5, 6].map((at) => step(`1.2.3.${at}`)))),
        ]),
      },
    ),
  ]);
  await page.goto(`/studies/${of.study}`);
  await drawn(page);
  await page.getByRole('button', { name: 'Thuộc tính DICOM' }).click();
  await expect(rows(page)).toContainText('6 mục');
  await expect(rows(page)).not.toContainText('1.2.3.6');
  await rows(page).getByRole('button', { name: 'Mở ra' }).click();
  await expect(rows(page)).toContainText('1.2.3.6');
  await expect(rows(page)).toContainText('<b onmouseover=');

  const search = dialog(page).getByRole('searchbox');
  await search.fill('tran duc');
  await expect(rows(page)).toContainText('(0010,0010)');
  await search.fill('dai het');
  await rows(page).getByRole('button', { name: 'Image Comments' }).click();
  const whole = dialog(page).getByTestId('whole-value');
  await expect(whole.locator('pre')).toHaveText(long);
  await whole.getByRole('button', { name: 'Sao chép' }).click();
  await expect(whole.getByRole('button', { name: 'Đã sao chép' })).toBeVisible();
  expect((await page.evaluate(() => navigator.clipboard.readText())).trim()).toBe(long);
  await keepPicture(page, 'tags-value');

  await search.fill('(0021,xx01)');
  await expect(rows(page)).toContainText('Riêng của <img src=x');
  await keepPicture(page, 'tags-hostile');
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('what is no picture shows its attributes as well', async ({ signedIn: page }) => {
  await page.goto(`/studies/${studies.pdf}`);
  await page.getByTestId('object').getByRole('button', { name: 'Thuộc tính DICOM' }).click();
  await expect(rows(page)).toContainText('(0042,0010)');
  await page.keyboard.press('Escape');
  await page.keyboard.press('#');
  await dialog(page).getByRole('searchbox').fill('EncapsulatedDocument');
  await expect(rows(page)).toContainText('(0042,0011)');
});

test('attributes that cannot be read are said to be such, and come on another try', async ({
  signedIn: page,
  watch,
}) => {
  watch.allow(/\/metadata$/);
  await openStudy(page, studies.ctHeadPhantom);
  await page.route(/\/metadata$/, (route) => route.fulfill({ status: 503, body: '' }));
  await page.keyboard.press('#');
  await expect(dialog(page).getByRole('alert')).toBeVisible({ timeout: 60_000 });
  await page.unroute(/\/metadata$/);
  await dialog(page).getByRole('button', { name: 'Thử lại' }).click();
  await expect(rows(page)).toContainText('(0008,0016)');
});
