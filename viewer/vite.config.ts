import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { kitLanguages } from './scripts/kitLanguages.ts';
import { oneDecoder } from './scripts/oneDecoder.ts';
import { studyPage } from './scripts/studyPage.ts';
import { trimmed } from './scripts/trimmed.ts';

const server = process.env.FILMLESS_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), tailwindcss(), trimmed(), kitLanguages(), oneDecoder(), studyPage()],
  resolve: {
    alias: {
      // vtk.js pulls an XML builder (for file formats we never read) that needs Node's `events` and `url`
      // and breaks the bundle at load; nothing on our path calls it.
      xmlbuilder2: fileURLToPath(new URL('./scripts/stubs/xmlbuilder2.ts', import.meta.url)),
    },
  },
  build: {
    target: 'es2022',
    // The Content-Security-Policy allows fonts and scripts from our origin only: nothing is inlined as data:.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    // What it stands in for only saves time, and all browsers have it since Safari 17.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // It does not say so itself; its worker, which has some, is built apart.
      treeshake: { moduleSideEffects: [{ test: /\/dicom-image-loader\//, sideEffects: false }] },
      // The server fills in the second, which is the page of a study.
      input: ['index.html', 'study.html'],
      output: {
        // What the shell has anyway stays in one piece, however many pages use it: small pieces compress badly. What
        // quick pictures use of it, which is reading DICOM JSON and making addresses, is apart.
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /src\/(dicomweb\/(dataSet|tags|uid|urls|studySearch)|imaging\/imageModality|server\/early|viewport\/twoFingers)\.ts$/,
              priority: 2,
            },
            // Each icon by itself is smaller than the headers that it comes with.
            { name: 'icons', test: /node_modules\/lucide-react\//, priority: 1 },
            {
              name: 'base',
              priority: 1,
              test: /src\/(app\/(controls|i18n|Notice|session)|server\/(request|session)|dicomweb\/(fetch|studies)|imaging\/dates)\.tsx?$|node_modules\/(react|react-dom|scheduler|i18next|react-i18next|@tanstack\/(react-query|query-core|react-router|router-core|history))\//,
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es', plugins: () => [oneDecoder()] },
  // The decode worker is found beside its module only if the loader is not pre-bundled; its CommonJS parts must be.
  optimizeDeps: {
    exclude: ['@cornerstonejs/dicom-image-loader'],
    include: [
      'dicom-parser',
      '@cornerstonejs/codec-charls/decodewasmjs',
      '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs',
      '@cornerstonejs/codec-openjpeg/decodewasmjs',
      '@cornerstonejs/codec-openjph/wasmjs',
    ],
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(['/api', '/dicom-web'].map((path) => [path, { target: server, changeOrigin: true }])),
  },
  test: {
    include: ['{src,scripts}/**/*.test.{ts,tsx}'],
    environment: 'node',
    // Tested as the build has it.
    server: { deps: { inline: [/decodeHTJ2K/] } },
  },
});
