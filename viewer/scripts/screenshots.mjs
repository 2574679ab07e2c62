/**
 * Takes pictures of a running archive: of list, studies and phone, in both languages, into a folder as PNG; and those that the
 * README shows as small WebP into another. FILMLESS_URL, FILMLESS_ACCOUNT and FILMLESS_PASSWORD say which archive and as whom.
 *
 *   node scripts/screenshots.mjs FOLDER README_FOLDER
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, devices } from '@playwright/test';

const [folder, readmeFolder] = process.argv.slice(2);
const { FILMLESS_URL: url, FILMLESS_ACCOUNT: account, FILMLESS_PASSWORD: password } = process.env;
if (readmeFolder === undefined || url === undefined || password === undefined) {
  throw new Error('usage: FILMLESS_URL=… FILMLESS_ACCOUNT=… FILMLESS_PASSWORD=… screenshots.mjs FOLDER README_FOLDER');
}

/** Milliseconds: a volume in space takes long without a graphics card. */
const patience = 240_000;
const desktop = { viewport: { width: 1440, height: 900 } };
const phone = { ...devices['Pixel 5'], defaultBrowserType: undefined };
const headPhantom = '1.3.46.670589.33.1.27492712521914879309.27169771283235650014';

/** What is taken; `readme`: how wide README.md shows it in Vietnamese, in pixels. */
const scenes = [
  {
    name: 'study-list',
    readme: 1200,
    device: desktop,
    path: '/',
    ready: async (page) => {
      await shown(page.getByRole('row').nth(4));
      await shown(page.getByRole('button', { name: /Lưu bộ lọc|Save filter/ }));
    },
  },
  {
    name: 'ct',
    readme: 1200,
    device: desktop,
    path: `/studies/${headPhantom}`,
    ready: async (page) => {
      await drawn(page);
      // Down to where there is something inside the skull.
      for (let step = 0; step < 15; step += 1) {
        await page.keyboard.press('ArrowDown');
      }
      await settled(page);
    },
  },
  { name: 'mpr', readme: 1200, device: desktop, path: `/studies/${headPhantom}`, ready: openPlanes },
  {
    name: 'mg',
    device: desktop,
    path: '/studies/1.2.840.113564.99.1.132112381479.62.2015929114621460.1007647.2',
    ready: drawn,
  },
  {
    name: 'us',
    device: desktop,
    path: '/studies/1.2.840.113543.6.6.1.1.4.2415947926921624359.20123533248',
    ready: drawn,
  },
  { name: 'phone-list', device: phone, path: '/', ready: (page) => shown(page.getByRole('row').nth(3)) },
  { name: 'phone-study', device: phone, path: `/studies/${headPhantom}`, ready: quickPicture },
];

function shown(locator) {
  return locator.waitFor({ state: 'visible', timeout: patience });
}

/** The picture is there, whole. */
async function drawn(page) {
  await page.getByTestId('zoom').first().waitFor({ state: 'attached', timeout: patience });
  await page.getByRole('progressbar').first().waitFor({ state: 'detached', timeout: patience });
  await page.waitForFunction(() => [...document.images].every(({ naturalWidth }) => naturalWidth > 0));
  await settled(page);
}

/** The quick picture is there that phones are shown. */
async function quickPicture(page) {
  await shown(page.locator('#lite[data-level="preview"]'));
  await settled(page);
}

/** Three planes, and the volume in space. */
async function openPlanes(page) {
  await drawn(page);
  await page.keyboard.press('m');
  await shown(page.getByTestId('volume'));
  await page.getByTestId('volume').getByRole('progressbar').first().waitFor({ state: 'detached', timeout: patience });
}

/** Two pictures a while apart are the same. */
async function settled(page) {
  let before = Buffer.alloc(0);
  for (let tries = 0; tries < 40; tries += 1) {
    const now = await page.screenshot({ timeout: patience });
    if (now.equals(before)) {
      return;
    }
    before = now;
    await page.waitForTimeout(500);
  }
}

/** A smaller picture of a picture, as a browser encodes it. */
async function webp(browser, png, width) {
  const page = await browser.newPage();
  const encoded = await page.evaluate(
    async ([source, wanted]) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = wanted;
      canvas.height = Math.round((wanted * image.height) / image.width);
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL('image/webp', 0.82);
    },
    [`data:image/png;base64,${png.toString('base64')}`, width],
  );
  await page.close();
  return Buffer.from(encoded.slice(encoded.indexOf(',') + 1), 'base64');
}

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
for (const language of ['vi', 'en']) {
  for (const { name, readme, device, path, ready } of scenes) {
    const context = await browser.newContext({ ...device, baseURL: url, timezoneId: 'Asia/Ho_Chi_Minh' });
    await context.addInitScript((chosen) => localStorage.setItem('filmless.language', chosen), language);
    const response = await context.request.post('/api/session', {
      data: { account, password },
      headers: { 'X-Filmless-Request': '1' },
    });
    if (!response.ok()) {
      throw new Error(`signing in as ${account} was answered ${response.status()}`);
    }
    const page = await context.newPage();
    await page.goto(path);
    await ready(page);
    const png = await page.screenshot({ path: join(folder, `${name}-${language}.png`), timeout: patience });
    if (readme !== undefined && language === 'vi') {
      await writeFile(join(readmeFolder, `${name}.webp`), await webp(browser, png, readme));
    }
    await context.close();
  }
}
await browser.close();
