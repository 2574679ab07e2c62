/**
 * OHIF, as it is published, on our origin: its files come from target/ohif, everything else from the server. It is told where
 * DICOMweb is, and nothing besides.
 */
import type { Page, Route } from '@playwright/test';
import { ohifCanvas, ohifFile, ohifPicture } from '../bench/ohif';
import { expect, keepPicture, test } from './fixtures';
import { type Look, look } from './picture';
import { studies } from './studies';

/** Serves OHIF's files; paths that are none of them are pages of the one application. */
async function serve(route: Route): Promise<void> {
  const { pathname } = new URL(route.request().url());
  if (/^\/(dicom-web|api)(\/|$)/.test(pathname)) {
    return route.fallback();
  }
  try {
    const { contentType, body } = await ohifFile(pathname);
    return await route.fulfill({ contentType, body });
  } catch {
    return route.fulfill({ status: 404 });
  }
}

/** Opens a study and waits until its first picture is drawn. */
async function openStudy(page: Page, study: string): Promise<Look> {
  await page.goto(`/viewer?StudyInstanceUIDs=${study}`);
  await ohifPicture(page, 60_000);
  return look(page, ohifCanvas);
}

test.describe('OHIF', () => {
  test.beforeEach(async ({ signedIn: page, watch }) => {
    await page.route('**/*', serve);
    // Its guided tour looks for pictures that are not there yet.
    watch.allow(/\/app\.bundle\.[0-9a-f]+\.js$/);
  });

  test('lists the studies and finds one by its patient', async ({ signedIn: page }) => {
    await page.goto('/');
    await expect(page.getByRole('row').filter({ hasText: 'CT' }).first()).toBeVisible({ timeout: 60_000 });
    await keepPicture(page, 'ohif-list');
    await page.goto('/?patientname=rudiger');
    await expect(page.getByRole('row').filter({ hasText: 'Rüdiger' }).first()).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('row').filter({ hasText: 'HEAD' })).toHaveCount(0);
  });

  test('shows images', async ({ signedIn: page }) => {
    for (const name of ['mrSagittal', 'crJpeg2000', 'dxMonochrome1', 'usLongCine', 'usPalette'] as const) {
      await openStudy(page, studies[name]);
      await keepPicture(page, `ohif-${name}`);
    }
  });
});
