/**
 * Holds the size budgets of a build (brotli): quick pictures, which is what the page of a study loads; the shell, which is
 * what index.html loads; the full viewer, which is every further script that the page of a study can ask for, the dialogs over it included; what it shows of objects that are no
 * pictures, and of what lies behind a picture; what is drawn on pictures, and what they bring along to be seen with them,
 * both after the first one; the planes through volumes; what takes pictures out; what is opened beside the pictures, such as
 * the list of keys; and the other pages, which somebody who reads studies never loads. Workers and decoders come one by one
 * as a transfer syntax needs them and are listed only.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const budgets = {
  lite: 20,
  shell: 200,
  viewer: 540,
  objects: 40,
  annotations: 40,
  presentation: 20,
  volume: 30,
  export: 20,
  movie: 60,
  beside: 20,
  pages: 100,
};

/** The scripts and styles that a page loads. */
async function loadedBy(page) {
  const html = await readFile(join(dist, page), 'utf8');
  return new Set([...html.matchAll(/(?:src|href)="\/assets\/([^"]+\.(?:js|css))"/g)].map((match) => match[1]));
}

const shell = await loadedBy('index.html');
// Some of it the full viewer uses as well, and there it counts once more.
const lite = await loadedBy('study.html');

const files = new Map();
for (const name of await readdir(join(dist, 'assets'))) {
  if (/\.(js|css|wasm)$/.test(name)) {
    files.set(name, await readFile(join(dist, 'assets', name)));
  }
}

/**
 * What a script imports, at once or when it is needed. Vite also lists, below `assets/`, what the parts that come later will
 * import in their turn: of that only style sheets and workers count here, as nothing else names them.
 */
function imports(name) {
  const text = name.endsWith('.js') ? files.get(name).toString() : '';
  const named = [...text.matchAll(/\.\/([\w.-]+\.(?:js|css))|assets\/([\w.-]+\.css|\w*[Ww]orker[\w.-]*\.js)/g)].map(
    ([, own, style]) => own ?? style,
  );
  return named.filter((other) => files.has(other) && !shell.has(other));
}

const page = [...files.keys()].find((name) => /^StudyPage-.*\.js$/.test(name));
if (page === undefined) {
  throw new Error('the build has no page of a study: its name is where the full viewer begins');
}
/** Parts of the viewer that come after the first picture, by the names of their entries; each has a budget of its own. */
const laterParts = {
  objects: /^(OtherContent|TagBrowser|ReportFrame|WaveformView|ObjectOverlays|SopClassName)-.*\.js$/,
  annotations: /^annotating-.*\.js$/,
  presentation: /^Presentation-.*\.js$/,
  export: /^Takeout-.*\.js$/,
  movie: /^movie-.*\.js$/,
  volume: /^VolumeGrid-.*\.js$/,
  beside: /^(HelpDialog|PriorsSection|ToolSheet|OwnProtocolDialog|StudyChanges)-.*\.js$/,
};

/** What these scripts import, directly or not, as far as it is not in one of the other sets. */
function reached(entries, ...others) {
  const found = new Set(entries);
  for (const name of found) {
    for (const other of imports(name)) {
      const isLater = Object.values(laterParts).some((pattern) => pattern.test(other));
      if (!isLater && !others.some((set) => set.has(other))) {
        found.add(other);
      }
    }
  }
  return found;
}

const viewer = reached([page]);
const later = Object.entries(laterParts).map(([part, pattern]) => {
  const entries = [...files.keys()].filter((name) => pattern.test(name));
  return [part, reached(entries, viewer)];
});

function partOf(name) {
  if (/worker/i.test(name) || name.endsWith('.wasm')) {
    return 'decoder';
  }
  if (shell.has(name)) {
    return 'shell';
  }
  if (lite.has(name) && !viewer.has(name)) {
    return 'lite';
  }
  return viewer.has(name) ? 'viewer' : (later.find(([, names]) => names.has(name))?.[0] ?? 'pages');
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
  const counted = sizes.filter((size) => (part === 'lite' ? lite.has(size.name) : size.part === part));
  const measured = counted.reduce((total, { kilobytes }) => total + kilobytes, 0);
  const over = measured > budget;
  failed ||= over;
  console.log(`${part}: ${measured.toFixed(1)} kB of ${budget} kB${over ? ' — OVER BUDGET' : ''}`);
}
process.exitCode = failed ? 1 : 0;
