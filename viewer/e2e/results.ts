/** Where the tests keep what they saw: one folder for each server that they run against at the same time. */
import { fileURLToPath } from 'node:url';

export const resultsFolder = process.env.FILMLESS_RESULTS ?? fileURLToPath(new URL('../test-results', import.meta.url));
