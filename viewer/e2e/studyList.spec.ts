import { randomInt } from 'node:crypto';
import { dicomFile } from './dicomFile';
import { expect, keepPicture, storeFiles, test } from './fixtures';

test.beforeEach(async ({ signedIn: page }) => {
  await page.goto('/');
  await expect(page.getByRole('grid')).toBeVisible();
});

test('names are found without marks, in any order of their words', async ({ signedIn: page }) => {
  await keepPicture(page, 'study-list');
  await page.getByRole('searchbox').fill('rudiger aneas');
  await expect(page.getByRole('row').filter({ hasText: 'Äneas Rüdiger' })).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(2);
  expect(new URL(page.url()).searchParams.get('q')).toBe('rudiger aneas');
  await keepPicture(page, 'study-list-search');

  await page.reload();
  await expect(page.getByRole('searchbox')).toHaveValue('rudiger aneas');
  await expect(page.getByRole('row')).toHaveCount(2);
});

test('a patient is found by ID, and the modality filters', async ({ signedIn: page }) => {
  await page.getByRole('button', { name: /Tìm theo/ }).click();
  await page.getByRole('option', { name: 'Mã người bệnh' }).click();
  await page.getByRole('searchbox').fill('PLASTIC');
  await expect(page.getByRole('row').filter({ hasText: 'HEAD' })).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'US', exact: true }).click();
  await expect(page.getByText('Không có ca chụp nào phù hợp')).toBeVisible();
  await page.getByRole('button', { name: 'Bỏ bộ lọc' }).click();
  await expect(page.getByRole('row').nth(5)).toBeVisible();
});

test('dates filter, by button and by range', async ({ signedIn: page }) => {
  await page.goto('/?date=20150206-20150206');
  await expect(page.getByRole('row').filter({ hasText: '06/02/2015' })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: '07/04/2022' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Hôm nay' }).click();
  expect(new URL(page.url()).searchParams.get('date')).toBe('today');
  await page.getByRole('button', { name: 'Tất cả' }).click();
  await expect(page.getByRole('row').nth(5)).toBeVisible();
  expect(new URL(page.url()).searchParams.get('date')).toBeNull();
});

test('the keyboard is enough', async ({ signedIn: page }) => {
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('head');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('grid')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('row', { selected: true })).toContainText('HEAD');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/studies\/1\.3\.46\.670589/);
  await expect(page.getByRole('heading', { name: 'HEAD' })).toBeVisible();
});

test('a study that arrives appears by itself', async ({ signedIn: page, baseURL }) => {
  await expect(page.getByText('Cập nhật trực tiếp')).toBeVisible();
  const number = randomInt(1_000_000_000);
  await page.goto(`/?q=duc+${number}`);
  await expect(page.getByText('Không có ca chụp nào phù hợp')).toBeVisible();
  await expect(page.getByText('Cập nhật trực tiếp')).toBeVisible();
  const file = dicomFile({ patientName: `LÊ^MINH ĐỨC ${number}`, patientId: `E2E${number}` });
  await storeFiles(page.request, baseURL, [file]);
  await expect(page.getByRole('row').filter({ hasText: `LÊ MINH ĐỨC ${number}` })).toBeVisible();
});

test('the language switches everywhere and is remembered', async ({ signedIn: page }) => {
  await expect(page.getByRole('columnheader').first()).toHaveText('Họ tên người bệnh');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('columnheader').first()).toHaveText('Patient name');
  await page.reload();
  await expect(page.getByRole('columnheader').first()).toHaveText('Patient name');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await keepPicture(page, 'study-list-english');
  await page.getByRole('button', { name: 'Tiếng Việt' }).click();
  await expect(page.getByRole('columnheader').first()).toHaveText('Họ tên người bệnh');
});
