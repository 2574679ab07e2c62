/** OHIF as it is published, on an origin of its own: its files compressed as ours are, everything else from the server. */
import { readFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

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

/** Listens on a free port of this machine. */
export async function serveOhif(folder: string, settings: string, target: URL): Promise<Server> {
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
    const name = extname(pathname) === '' ? 'index.html' : pathname;
    const contentType = types[extname(name)] ?? 'application/octet-stream';
    const cache = name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable';
    const send = (bytes: Buffer) => {
      const body = compress(name, bytes);
      answer.writeHead(200, { 'Content-Type': contentType, 'Content-Encoding': 'br', 'Cache-Control': cache });
      answer.end(body);
    };
    if (pathname === '/app-config.js') {
      send(Buffer.from(settings));
    } else {
      readFile(join(folder, name)).then(send, () => answer.writeHead(404).end());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
