/**
 * Holds the size budgets of a build (brotli): the shell, which is what index.html loads, and the full viewer, which is
 * every script of the page. Workers and decoders come one by one as a transfer syntax needs them and are listed only.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const budgets = { shell: 200, full: 750 };

const html = await readFile(join(dist, 'index.html'), 'utf8');
const shell = new Set([...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]));

const sizes = [];
for (const name of await readdir(join(dist, 'assets'))) {
  if (/\.(js|css|wasm)$/.test(name)) {
    const file = join(dist, 'assets', name);
    // The build has compressed it already; without that step it is done here.
    const compressed = await readFile(`${file}.br`).catch(async () => brotliCompressSync(await readFile(file)));
    const path = `assets/${name}`;
    const part = /worker/i.test(name) || name.endsWith('.wasm') ? 'decoder' : shell.has(path) ? 'shell' : 'viewer';
    sizes.push({ path, part, kilobytes: compressed.length / 1000 });
  }
}
sizes.sort((a, b) => b.kilobytes - a.kilobytes);
for (const { path, part, kilobytes } of sizes) {
  console.log(`${kilobytes.toFixed(1).padStart(8)} kB  ${part.padEnd(8)} ${path}`);
}
const sum = (...parts) =>
  sizes.filter(({ part }) => parts.includes(part)).reduce((total, { kilobytes }) => total + kilobytes, 0);
const measured = { shell: sum('shell'), full: sum('viewer') };
let failed = false;
for (const [name, budget] of Object.entries(budgets)) {
  const over = measured[name] > budget;
  failed ||= over;
  console.log(`${name}: ${measured[name].toFixed(1)} kB of ${budget} kB${over ? ' — OVER BUDGET' : ''}`);
}
process.exitCode = failed ? 1 : 0;
