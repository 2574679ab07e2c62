/**
 * Holds the size budgets of a build (brotli): the shell, which is what index.html loads; the full viewer, which is every
 * further script that the page of a study can ask for, the dialogs over it included; and the other pages, which somebody
 * who reads studies never loads. Workers and decoders come one by one as a transfer syntax needs them and are listed only.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const budgets = { shell: 200, viewer: 750, pages: 90 };

const html = await readFile(join(dist, 'index.html'), 'utf8');
const shell = new Set([...html.matchAll(/(?:src|href)="\/assets\/([^"]+\.(?:js|css))"/g)].map((match) => match[1]));

const files = new Map();
for (const name of await readdir(join(dist, 'assets'))) {
  if (/\.(js|css|wasm)$/.test(name)) {
    files.set(name, await readFile(join(dist, 'assets', name)));
  }
}

/** What a script imports, at once or when it is needed. */
function imports(name) {
  const text = name.endsWith('.js') ? files.get(name).toString() : '';
  const named = [...text.matchAll(/(?:\.\/|assets\/)([\w.-]+\.(?:js|css))/g)].map((match) => match[1]);
  return named.filter((other) => files.has(other) && !shell.has(other));
}

const page = [...files.keys()].find((name) => /^StudyPage-.*\.js$/.test(name));
if (page === undefined) {
  throw new Error('the build has no page of a study: its name is where the full viewer begins');
}
const viewer = new Set([page]);
for (const name of viewer) {
  for (const other of imports(name)) {
    viewer.add(other);
  }
}

function partOf(name) {
  if (/worker/i.test(name) || name.endsWith('.wasm')) {
    return 'decoder';
  }
  return shell.has(name) ? 'shell' : viewer.has(name) ? 'viewer' : 'pages';
}

const sizes = [];
for (const [name, content] of files) {
  // The build has compressed it already; without that step it is done here.
  const compressed = await readFile(join(dist, 'assets', `${name}.br`)).catch(() => brotliCompressSync(content));
  sizes.push({ name, part: partOf(name), kilobytes: compressed.length / 1000 });
}
sizes.sort((a, b) => b.kilobytes - a.kilobytes);
for (const { name, part, kilobytes } of sizes) {
  console.log(`${kilobytes.toFixed(1).padStart(8)} kB  ${part.padEnd(8)} ${name}`);
}
let failed = false;
for (const [part, budget] of Object.entries(budgets)) {
  const measured = sizes.filter((size) => size.part === part).reduce((total, { kilobytes }) => total + kilobytes, 0);
  const over = measured > budget;
  failed ||= over;
  console.log(`${part}: ${measured.toFixed(1)} kB of ${budget} kB${over ? ' — OVER BUDGET' : ''}`);
}
process.exitCode = failed ? 1 : 0;
