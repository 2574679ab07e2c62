/**
 * What every test gets: a page signed in by cookie, and a watch over it. At the end of each test there must have been no
 * script error, no violation of the Content-Security-Policy, and no request to anyone but our own server.
 */
import { type APIRequestContext, test as base, expect, type Page } from '@playwright/test';
import { resultsFolder } from './results';

export const account = process.env.FILMLESS_ACCOUNT ?? 'demo';
export const password = process.env.FILMLESS_PASSWORD ?? '';

type StorageState = Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>;

interface Watch {
  /** Failures of these addresses are part of the test. */
  allow(address: RegExp): void;
}

/** Keeps a picture of the page. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${resultsFolder}/${name}.png` });
}

/** Stores files (STOW-RS) as the account that is signed in. */
export async function storeFiles(
  request: APIRequestContext,
  baseURL: string | undefined,
  files: readonly Buffer[],
): Promise<void> {
  const boundary = 'filmless-e2e';
  const response = await request.post('/dicom-web/studies', {
    headers: {
      'Content-Type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      'X-Filmless-Request': '1',
      Origin: new URL(baseURL ?? '').origin,
    },
    data: Buffer.concat([
      ...files.flatMap((file) => [
        Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
        file,
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`--${boundary}--\r\n`),
    ]),
  });
  expect(response.status(), await response.text()).toBe(200);
}

/** Sets something for the account that is signed in. */
export async function keepSetting(
  request: APIRequestContext,
  baseURL: string | undefined,
  name: string,
  value: object,
): Promise<void> {
  const response = await request.put(`/api/settings/${name}`, {
    data: value,
    headers: { 'X-Filmless-Request': '1', Origin: new URL(baseURL ?? '').origin },
  });
  expect(response.status(), await response.text()).toBe(204);
}

export const test = base.extend<{ watch: Watch; signedIn: Page }, { session: StorageState }>({
  session: [
    async ({ playwright }, use, workerInfo) => {
      const request = await playwright.request.newContext({ baseURL: workerInfo.project.use.baseURL ?? '' });
      const response = await request.post('/api/session', {
        data: { account, password },
        headers: { 'X-Filmless-Request': '1' },
      });
      expect(response.status(), 'FILMLESS_ACCOUNT and FILMLESS_PASSWORD must be able to sign in').toBe(204);
      // Those who test how studies are hung switch it on; the others arrange what they look at themselves.
      await keepSetting(request, workerInfo.project.use.baseURL, 'hanging', { automatic: false });
      await use(await request.storageState());
      await request.dispose();
    },
    { scope: 'worker' },
  ],

  watch: [
    async ({ page, baseURL }, use) => {
      // Asking who is signed in is answered 401 until somebody is.
      const allowed: RegExp[] = [/\/api\/session$/];
      const complaints: string[] = [];
      const origin = new URL(baseURL ?? '').origin;
      page.on('pageerror', (error) => complaints.push(`script error: ${error.message}`));
      page.on('console', (message) => {
        const address = message.location().url;
        if (message.type() === 'error' && !allowed.some((pattern) => pattern.test(address))) {
          complaints.push(`console: ${message.text()} (${address})`);
        }
      });
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (/^https?:$/.test(url.protocol) && url.origin !== origin) {
          complaints.push(`request to a third party: ${request.url()}`);
        }
      });
      await use({ allow: (address) => allowed.push(address) });
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],

  signedIn: async ({ page, session }, use) => {
    await page.context().addCookies(session.cookies);
    await use(page);
  },
});

export { expect };
