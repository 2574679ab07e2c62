/** Benches in the browser of the end-to-end tests: `make bench-viewer`. */
import { defineConfig } from '@playwright/test';
import endToEnd from '../e2e/playwright.config';

export default defineConfig({ ...endToEnd, testDir: '.', testMatch: '*.bench.ts' });
