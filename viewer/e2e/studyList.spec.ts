import { randomInt } from 'node:crypto';
import type { Page } from '@playwright/test';
import { dicomFile } from './dicomFile';
import { expect, keepPicture, storeFiles, test } from './fixtures';
import { newUid } from './part10';

/** A word that no other study has in its name, and studies of these given names with it. */
async function storeStudies(page: Page, baseURL: string | undefined, names: readonly string[]): Promise<string> {
  const word = `E2E${randomInt(1_000_000_000)}`;
  const files = names.map((name, place) =>
    dicomFile({ patientName: `${name}^${word}`, patientId: `${word}.${place}` }),
  );
  await storeFiles(page.request, baseURL, files);
  return word;
}

/** The rows of studies: all but the head. */
function studyRows(page: Page) {
  return page
    .getByRole('grid')
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });
}

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
  await page.getByRole('combobox', { name: 'Tìm theo' }).selectOption('Mã người bệnh');
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
  for (const [name, word] of [
    ['Hôm nay', 'today'],
    ['Hôm qua', 'yesterday'],
    ['7 ngày', '7d'],
    ['30 ngày', '30d'],
  ] as const) {
    await page.getByRole('button', { name, exact: true }).click();
    await expect(page.getByRole('button', { name, exact: true })).toHaveAttribute('aria-pressed', 'true');
    expect(new URL(page.url()).searchParams.get('date')).toBe(word);
  }
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

test('filters are reached with Tab and pressed with Space', async ({ signedIn: page }) => {
  await page.keyboard.press('/');
  const today = page.getByRole('button', { name: 'Hôm nay' });
  await page.keyboard.press('Tab');
  await expect(today).toBeFocused();
  await page.keyboard.press('Space');
  await expect(today).toHaveAttribute('aria-pressed', 'true');
  await expect(page).toHaveURL(/date=today/);
});

test('a column orders the list, both ways', async ({ signedIn: page, baseURL }) => {
  const word = await storeStudies(page, baseURL, ['ZÊ', 'ĐÔNG', 'ÂN']);
  await page.goto(`/?q=${word}`);
  await expect(studyRows(page)).toHaveCount(3);
  const head = page.getByRole('columnheader', { name: 'Họ tên người bệnh' });
  for (const [direction, names] of [
    ['ascending', ['ÂN', 'ĐÔNG', 'ZÊ']],
    ['descending', ['ZÊ', 'ĐÔNG', 'ÂN']],
  ] as const) {
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', direction);
    await expect(studyRows(page)).toContainText([...names]);
  }
  await page.reload();
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect(studyRows(page)).toContainText(['ZÊ', 'ĐÔNG', 'ÂN']);
});

test('every column that has an order takes it', async ({ signedIn: page }) => {
  const heads = page.getByRole('columnheader').getByRole('button');
  await expect(heads.nth(5)).toBeVisible();
  for (const head of await heads.all()) {
    const answer = page.waitForResponse((response) => response.url().includes('/api/studies?'));
    await head.click();
    expect((await answer).status(), await head.innerText()).toBe(200);
    await expect(studyRows(page).nth(5)).toBeVisible();
  }
});

test('what was opened is read, and what comes later is told', async ({ signedIn: page, baseURL }) => {
  const [word, study] = [`E2E${randomInt(1_000_000_000)}`, newUid()];
  const image = () => dicomFile({ patientName: `MAI^${word}`, patientId: word, study });
  await storeFiles(page.request, baseURL, [image()]);
  await page.goto(`/?q=${word}`);
  const row = studyRows(page).first();
  const mark = (name: string) => row.getByRole('button', { name });
  await expect(mark('Chưa đọc')).toBeVisible();
  await row.click();
  await expect(page.getByRole('heading', { name: `MAI ${word}` })).toBeVisible();
  await page.getByRole('link', { name: 'Về danh sách ca chụp' }).click();
  await page.goto(`/?q=${word}`);
  await expect(mark('Đã đọc')).toBeVisible();

  await storeFiles(page.request, baseURL, [image()]);
  await expect(mark('Có ảnh mới từ lần đọc trước')).toBeVisible();
  await expect(row).toContainText('2 / 2');
  await expect(row).toContainText('Đang nhận');

  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('u');
  await expect(mark('Đã đọc')).toBeVisible();
  await page.getByRole('group', { name: 'Bộ lọc khác' }).getByRole('button', { name: 'Chưa đọc' }).click();
  await expect(page.getByText('Không có ca chụp nào phù hợp')).toBeVisible();
  await page.getByRole('group', { name: 'Bộ lọc khác' }).getByRole('button', { name: 'Chưa đọc' }).click();
  await mark('Đã đọc').click();
  await page.reload();
  await expect(mark('Chưa đọc')).toBeVisible();
});

test('other studies of a patient are counted and shown, and nobody else’s', async ({ signedIn: page, baseURL }) => {
  const word = `E2E${randomInt(1_000_000_000)}`;
  const files = [word, word, word, `${word}0`].map((patientId) => dicomFile({ patientName: `SEN^${word}`, patientId }));
  await storeFiles(page.request, baseURL, files);
  await page.goto(`/?q=${word}`);
  await expect(studyRows(page)).toHaveCount(4);
  const others = page.getByRole('button', { name: 'Xem 2 ca chụp khác của người bệnh' });
  await expect(others).toHaveCount(3);
  await others.first().click();
  await expect(studyRows(page)).toHaveCount(3);
  await page.getByRole('button', { name: `Người bệnh ${word}` }).click();
  await expect(studyRows(page).nth(4)).toBeVisible();
});

test.describe('kept filters', () => {
  const name = `E2E ${randomInt(1_000_000_000)}`;

  test.afterEach(async ({ signedIn: page, baseURL }) => {
    await page.request.delete(`/api/saved-filters/${encodeURIComponent(name)}`, {
      headers: { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin },
    });
  });

  test('are applied by one press, and one opens the list', async ({ signedIn: page }) => {
    const modality = page.getByRole('button', { name: 'MR', exact: true });
    await modality.click();
    await page.getByRole('button', { name: 'Lưu bộ lọc' }).click();
    await page.getByRole('textbox', { name: 'Tên bộ lọc này' }).fill(name);
    await page.getByRole('checkbox', { name: 'Mở danh sách với bộ lọc này' }).check();
    await keepPicture(page, 'study-list-filter');
    await page.getByRole('button', { name: 'Lưu', exact: true }).click();
    await expect(page.getByRole('checkbox', { name: `Mở danh sách với ${name}` })).toBeChecked();
    await page.keyboard.press('Escape');
    const kept = page.getByRole('button', { name, exact: true });
    await expect(kept).toHaveAttribute('aria-pressed', 'true');

    await modality.click();
    await expect(kept).toHaveAttribute('aria-pressed', 'false');
    await kept.click();
    await expect(modality).toHaveAttribute('aria-pressed', 'true');

    await page.goto('/');
    await expect(page).toHaveURL(/modality=MR/);
    await expect(modality).toHaveAttribute('aria-pressed', 'true');
    await modality.click();
    await expect(page).not.toHaveURL(/modality/);
  });
});

test('images open in a second window that is used again', async ({ signedIn: page, baseURL, context }) => {
  const word = await storeStudies(page, baseURL, ['BA', 'HAI']);
  await page.goto(`/?q=${word}&order=patient_name`);
  await expect(studyRows(page)).toHaveCount(2);
  await page.getByRole('grid').focus();
  const next = async (name: string) => {
    await page.getByRole('grid').press('ArrowDown');
    await expect(page.getByRole('row', { selected: true })).toContainText(name);
  };
  const heading = (window: Page, name: string) =>
    expect(window.getByRole('heading', { name: `${name} ${word}` })).toBeVisible();

  await next('BA');
  const opening = context.waitForEvent('page');
  await page.getByRole('grid').press('Control+Enter');
  const images = await opening;
  await heading(images, 'BA');
  await expect(page.getByRole('row', { selected: true }).getByRole('button', { name: 'Đã đọc' })).toBeVisible();

  await next('HAI');
  await page.getByRole('grid').press('Control+Enter');
  await heading(images, 'HAI');
  expect(context.pages()).toHaveLength(2);

  // A list that was loaded anew finds the window again.
  await page.reload();
  await studyRows(page)
    .filter({ hasText: 'BA' })
    .click({ modifiers: ['Control'] });
  await heading(images, 'BA');
  expect(context.pages()).toHaveLength(2);

  await images.close();
  await page.getByRole('button', { name: 'Cửa sổ thứ hai' }).click();
  const again = context.waitForEvent('page');
  await page.getByRole('grid').press('Enter');
  const anew = await again;
  await heading(anew, 'BA');
  await anew.close();

  await page.reload();
  await expect(page.getByRole('button', { name: 'Cửa sổ thứ hai' })).toHaveAttribute('aria-pressed', 'true');
  await page.evaluate(() => {
    window.open = () => null;
  });
  await studyRows(page).filter({ hasText: 'BA' }).click();
  await expect(page.getByRole('alert')).toContainText('Trình duyệt không cho mở cửa sổ thứ hai');
  await page.getByRole('button', { name: 'Cửa sổ thứ hai' }).click();
});

test('on a phone studies are cards, and one tap opens', async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/');
  const card = studyRows(page).filter({ hasText: 'Rüdiger' }).first();
  await page.getByRole('searchbox').fill('rudiger');
  await expect(card).toBeVisible();
  await expect(card.getByRole('gridcell')).toHaveCount(1);
  await expect(page.getByRole('columnheader')).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByRole('button', { name: 'Bộ lọc' }).click();
  await expect(page.getByRole('button', { name: 'Hôm nay' })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByRole('button', { name: 'Bộ lọc' }).click();
  await page.getByRole('searchbox').fill('');
  await expect(studyRows(page).nth(5)).toBeVisible();
  await keepPicture(page, 'study-list-phone');
  await page.getByRole('searchbox').fill('rudiger');
  await expect(studyRows(page)).toHaveCount(1);
  await card.click();
  await expect(page).toHaveURL(/\/studies\//);
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
