/** Structured Reports and key object selections: read in the language of the page, with links to images; hostile ones as text. */
import type { FrameLocator, Page } from '@playwright/test';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { type Belonging, code, element, item, newUid, reportFile } from './part10';
import { drawn } from './picture';
import { studies } from './studies';

/** Playwright looks into the frame by scripts, which its sandbox refuses to run among its own, and says so. */
const sandboxed = /^(about:srcdoc)?$/;

const report = (page: Page): FrameLocator => page.frameLocator('[data-testid="report"]');

test('a report is read with its patient, headings and values in the language of the page', async ({
  signedIn: page,
  baseURL,
  watch,
}) => {
  watch.allow(sandboxed);
  const of: Belonging = {
    patientName: 'Trần^Thị Bình',
    patientId: 'E2E-SR',
    study: newUid(),
    series: newUid(),
    modality: 'SR',
  };
  const line = (type: string, name: Buffer, ...value: readonly Buffer[]) =>
    item(
      element(0x40, 0xa010, 'CS', 'CONTAINS'),
      element(0x40, 0xa040, 'CS', type),
      element(0x40, 0xa043, 'SQ', name),
      ...value,
    );
  const length = item(
    element(0x40, 0x8ea, 'SQ', code('UCUM', 'mm', 'millimetre')),
    element(0x40, 0xa30a, 'DS', '12.5'),
  );
  await storeFiles(page.request, baseURL, [
    reportFile(of, {
      title: code('DCM', '126000', 'Imaging Measurement Report'),
      header: Buffer.concat([element(0x40, 0xa491, 'CS', 'COMPLETE'), element(0x40, 0xa493, 'CS', 'UNVERIFIED')]),
      content: [
        line(
          'CONTAINER',
          code('DCM', '121070', 'Findings'),
          element(
            0x40,
            0xa730,
            'SQ',
            Buffer.concat([
              line('TEXT', code('DCM', '121071', 'Finding'), element(0x40, 0xa160, 'UT', 'Nốt mờ thùy trên phổi phải')),
              line('NUM', code('99LOCAL', 'L1', 'Đường kính'), element(0x40, 0xa300, 'SQ', length)),
            ]),
          ),
        ),
      ],
    }),
  ]);
  await page.goto(`/studies/${of.study}`);
  const body = report(page).locator('body');
  await expect(report(page).getByRole('heading', { level: 1 })).toHaveText('Báo cáo các phép đo trên ảnh');
  await expect(report(page).getByRole('heading', { name: 'Các phát hiện' })).toBeVisible();
  for (const text of ['Trần Thị Bình', 'hoàn tất', 'chưa xác nhận', 'Nốt mờ thùy trên phổi phải', '12.5 mm']) {
    await expect(body).toContainText(text);
  }
  await keepPicture(page, 'report-vi');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(report(page).getByRole('heading', { name: 'Findings' })).toBeVisible();
  await expect(body).toContainText('not verified');
  await keepPicture(page, 'report-en');
});

test('a link of a key object selection shows that image in the viewport beside', async ({ signedIn: page, watch }) => {
  watch.allow(sandboxed);
  await page.goto(`/studies/${studies.ctHeadPhantom}`);
  await drawn(page);
  await page.getByRole('button', { name: 'Bố cục' }).click();
  await page.getByRole('button', { name: '1 × 2' }).click();
  const [first, second] = [page.getByTestId('viewport').nth(0), page.getByTestId('viewport').nth(1)];
  await second.getByTestId('picture').click();
  const list = page.getByRole('navigation', { name: 'Các tập ảnh' });
  await list.getByRole('button').filter({ hasText: 'KO' }).first().click();
  await expect(second.getByTestId('report')).toBeVisible();
  const links = report(page).getByRole('link');
  await expect(links.first()).toBeVisible();
  const seen = new Set<string>();
  for (const place of [(await links.count()) - 1, 0]) {
    const [, instance = ''] = /instances\/([\d.]+)\//.exec((await links.nth(place).getAttribute('href')) ?? '') ?? [];
    await links.nth(place).click();
    await expect(first).toHaveAttribute('data-active', 'true');
    // The attributes of what is shown tell which image it is.
    await page.keyboard.press('#');
    await expect(page.getByRole('dialog')).toContainText(instance);
    await page.keyboard.press('Escape');
    seen.add(await first.getByTestId('labels').innerText());
  }
  expect(seen.size).toBe(2);
  await keepPicture(page, 'report-link');
});

test('every text of a hostile report is text', async ({ signedIn: page, baseURL, watch }) => {
  watch.allow(sandboxed);
  const hostile = '<img src=x onerror="top.pwned=true"><script>top.pwned=true</script>';
  const of: Belonging = {
    patientName: '<b>X^Y',
    patientId: '"><script>top.pwned=1//',
    study: newUid(),
    series: newUid(),
    modality: 'SR',
  };
  const name = code('99X', 'X', '<a href="javascript:top.pwned=true">x');
  const text = item(
    element(0x40, 0xa010, 'CS', 'CONTAINS'),
    element(0x40, 0xa040, 'CS', 'TEXT'),
    element(0x40, 0xa043, 'SQ', name),
    element(0x40, 0xa160, 'UT', hostile),
  );
  const person = item(
    element(0x40, 0xa010, 'CS', 'HAS OBS CONTEXT'),
    element(0x40, 0xa040, 'CS', 'PNAME'),
    element(0x40, 0xa043, 'SQ', name),
    element(0x40, 0xa123, 'PN', '<svg onload=top.pwned=true>^A'),
  );
  await storeFiles(page.request, baseURL, [
    reportFile(of, { title: code('99X', 'T', '</title><script>top.pwned=1'), content: [text, person] }),
  ]);
  const address = `/studies/${of.study}`;
  await page.goto(address);
  await expect(report(page).locator('body')).toContainText(hostile);
  await expect(report(page).getByRole('link')).toHaveCount(0);
  await expect(report(page).locator('script, img, svg')).toHaveCount(0);
  await expect(page.getByTestId('report')).toHaveAttribute('sandbox', 'allow-same-origin');
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  await keepPicture(page, 'report-hostile');
});
