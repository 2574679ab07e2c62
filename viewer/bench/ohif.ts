/** OHIF as it is published, from target/ohif: its files, and itself on an origin of its own. */
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { expect, type Page } from '@playwright/test';
import { look } from '../e2e/picture';

const folder = fileURLToPath(new URL('../../target/ohif/dist', import.meta.url));

/** What its pictures are drawn on. */
export const ohifCanvas = '.cornerstone-viewport-element canvas';

/** What OHIF is told: where DICOMweb is, and nothing besides. */
const settings = `window.config = {
  routerBasename: '/', extensions: [], modes: [], showStudyList: true, defaultDataSourceName: 'filmless',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
    sourceName: 'filmless',
    configuration: {
      friendlyName: 'Filmless', name: 'filmless',
      qidoRoot: '/dicom-web', wadoRoot: '/dicom-web', wadoUriRoot: '/dicom-web/wado',
      qidoSupportsIncludeField: true, supportsFuzzyMatching: true, supportsWildcard: true,
      imageRendering: 'wadors', thumbnailRendering: 'wadors', enableStudyLazyLoad: true,
      bulkDataURI: { enabled: true },
    },
  }],
};`;

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A file of it; paths that are none are pages of the one application. Rejects where there is no such file. */
export async function ohifFile(pathname: string): Promise<{ name: string; contentType: string; body: Buffer }> {
  const name = extname(pathname) === '' ? 'index.html' : pathname;
  const contentType = types[extname(name)] ?? 'application/octet-stream';
  const body = name === '/app-config.js' ? Buffer.from(settings) : await readFile(join(folder, name));
  return { name, contentType, body };
}

/** Waits until its first picture is drawn. */
export async function ohifPicture(page: Page, timeout: number, intervals = [100]): Promise<void> {
  await page.waitForSelector(ohifCanvas, { timeout });
  const brightest = async () => (await look(page, ohifCanvas)).brightest;
  await expect.poll(brightest, { timeout, intervals }).toBeGreaterThan(60);
}

const compressed = new Map<string, Buffer>();

function compress(name: string, bytes: Buffer): Buffer {
  const known = compressed.get(name);
  if (known) {
    return known;
  }
  // A step below ours: the largest file takes minutes at the last.
  const made = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  compressed.set(name, made);
  return made;
}

export interface Ohif {
  address(study: string): string;
  close(): void;
}

/** Serves it on a free port of this machine, its files compressed as ours are, and everything else from the server. */
export async function serveOhif(target: URL): Promise<Ohif> {
  const server = createServer((incoming, answer) => {
    const { pathname } = new URL(incoming.url ?? '/', target);
    if (/^\/(dicom-web|api)(\/|$)/.test(pathname)) {
      const { method, headers } = incoming;
      const forwarded = request(new URL(incoming.url ?? '/', target), {
        ...(method === undefined ? {} : { method }),
        headers: { ...headers, host: target.host },
      });
      forwarded.on('response', (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      forwarded.on('error', () => answer.destroy());
      incoming.pipe(forwarded);
      return;
    }
    ohifFile(pathname).then(
      ({ name, contentType, body }) => {
        const cache = name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable';
        answer.writeHead(200, { 'Content-Type': contentType, 'Content-Encoding': 'br', 'Cache-Control': cache });
        answer.end(compress(name, body));
      },
      () => answer.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: (study) => `http://127.0.0.1:${port}/viewer?StudyInstanceUIDs=${study}`,
    close: () => server.close(),
  };
}
