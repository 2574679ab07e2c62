import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = process.env.FILMLESS_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), tailwindcss()],
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
    rolldownOptions: {
      output: {
        // What the shell has anyway stays in one piece, however many pages use it: small pieces compress badly.
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: /src\/(app\/(controls|i18n|Notice|session)|server\/(request|session)|dicomweb\/(dataSet|fetch|studies|tags|uid|urls)|imaging\/(dates|objects))\.tsx?$|node_modules\/@tanstack\/(react-query|query-core)\//,
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
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
    include: ['src/**/*.test.{ts,tsx}'],
    environment: 'node',
  },
});
