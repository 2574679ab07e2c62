/** Benches in the browser of the end-to-end tests: `make bench-viewer`. */
import { defineConfig } from '@playwright/test';
import endToEnd from '../e2e/playwright.config';

export default defineConfig({
  ...endToEnd,
  testDir: '.',
  testMatch: '*.bench.ts',
  // A trace keeps all that came over the line, in the memory of the page.
  use: { ...endToEnd.use, trace: 'off' },
});
