import type { Page } from '@playwright/test';
import { expect, keepPicture, password, test } from './fixtures';
import { openStudy } from './picture';
import { studies } from './studies';

/** Accounts of these roles, made by who runs the tests, with the password of the other account. */
const clinician = process.env.FILMLESS_CLINICIAN ?? '';
const auditor = process.env.FILMLESS_AUDITOR ?? '';

async function signIn(page: Page, account: string): Promise<void> {
  const response = await page.request.post('/api/session', {
    data: { account, password },
    headers: { 'X-Filmless-Request': '1' },
  });
  expect(response.status()).toBe(204);
}

test('a clinician looks, and is offered neither to print nor to take away nor to save', async ({ page }) => {
  test.skip(clinician === '', 'FILMLESS_CLINICIAN names no account');
  await signIn(page, clinician);
  await openStudy(page, studies.ctHeadPhantom);
  const bar = page.getByRole('toolbar', { name: 'Công cụ' });
  await expect(bar.getByRole('button', { name: 'Đo khoảng cách' })).toBeVisible();
  await expect(bar.getByRole('button', { name: 'In', exact: true })).toHaveCount(0);
  await page.keyboard.press('Control+s');
  await page.keyboard.press('Control+p');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await keepPicture(page, 'clinician');
  for (const path of ['', '/series', '/metadata']) {
    const status = (await page.request.get(`/dicom-web/studies/${studies.ctHeadPhantom}${path}`)).status();
    expect(status, path).toBe(path === '' ? 403 : 200);
  }
  await page.goto('/');
  const navigation = page.getByRole('navigation', { name: 'Các trang' });
  await expect(navigation.getByRole('link')).toHaveText(['Danh sách ca chụp', 'Chỉ định']);
});

test('an auditor sees the log, and no study', async ({ page, watch }) => {
  test.skip(auditor === '', 'FILMLESS_AUDITOR names no account');
  watch.allow(/studies/);
  await signIn(page, auditor);
  await page.goto('/');
  await expect(page).toHaveURL(/\/machines\/log$/);
  await expect(page.getByRole('table', { name: 'Ai đã làm gì' }).getByRole('row').nth(1)).toBeVisible();
  await expect(page.getByRole('navigation').first().getByRole('link')).toHaveText(['Nhật ký']);
  await keepPicture(page, 'auditor');
  expect((await page.request.get('/dicom-web/studies')).status()).toBe(403);
});
