/**
 * End-to-end tests against a running server: FILMLESS_URL, FILMLESS_ACCOUNT and FILMLESS_PASSWORD say which and as whom,
 * FILMLESS_RESULTS where the pictures go.
 */
import { defineConfig } from '@playwright/test';
import { resultsFolder } from './results';

export default defineConfig({
  testDir: '.',
  outputDir: `${resultsFolder}/playwright`,
  // One Chromium with software WebGL is enough for the machine that runs this.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  // Software WebGL on a busy machine of two cores: slow is not wrong.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // In CI only what failed, whole: who reads it there sees a part of the output.
  reporter: process.env.CI ? 'dot' : 'list',
  use: {
    baseURL: process.env.FILMLESS_URL ?? 'http://127.0.0.1:8080',
    viewport: { width: 1440, height: 900 },
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    screenshot: 'only-on-failure',
    // What was clicked, asked and answered; filming the page as well would take as long as the tests.
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
      ],
    },
  },
});
