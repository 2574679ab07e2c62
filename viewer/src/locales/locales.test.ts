/**
 * Holds the languages complete: every key in both, none missing, none unused, no text for people outside the files, no
 * placeholder lost in translation. It reads the syntax trees of the sources, so comments and types do not confuse it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';

type Tree = { [key: string]: string | Tree };
type Node = { type: string; [key: string]: unknown };

/** The texts of the shell, and those that come with a page. */
function textsOf(language: string): Tree {
  const folder = `src/locales/${language}`;
  const trees = readdirSync(folder).map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Tree);
  return Object.assign({}, ...trees) as Tree;
}

const en = textsOf('en');
const vi = textsOf('vi');

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') {
      flat.set(prefix + key, value);
    } else {
      for (const entry of flatten(value, `${prefix}${key}.`)) {
        flat.set(...entry);
      }
    }
  }
  return flat;
}

const plural = /_(zero|one|two|few|many|other)$/;
const keysOf = (tree: Tree) => new Set([...flatten(tree).keys()].map((key) => key.replace(plural, '')));
const roots = Object.keys(en);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const child of node) {
      walk(child, visit);
    }
  } else if (isNode(node)) {
    visit(node);
    for (const value of Object.values(node)) {
      walk(value, visit);
    }
  }
}

interface Found {
  readonly keys: string[];
  readonly patterns: RegExp[];
  readonly literals: string[];
}

const spokenAttributes = new Set(['aria-label', 'aria-valuetext', 'title', 'alt', 'placeholder', 'label', 'text']);
const hasLetters = /\p{L}{2,}/u;

/** Keys asked for, patterns of keys put together, and texts written into the markup. */
function readSource(code: string): Found {
  const found: Found = { keys: [], patterns: [], literals: [] };
  walk(parseAst(code, { lang: 'tsx' }), (node) => {
    if (node.type === 'Literal' && typeof node.value === 'string') {
      if (roots.some((root) => new RegExp(`^${root}\\.[A-Za-z0-9.]+$`).test(String(node.value)))) {
        found.keys.push(node.value);
      }
    } else if (node.type === 'TemplateLiteral' && Array.isArray(node.quasis)) {
      const parts = node.quasis.map((quasi: { value: { cooked: string } }) => quasi.value.cooked);
      if (parts.length > 1 && roots.some((root) => parts[0]?.startsWith(`${root}.`))) {
        const escaped = parts.map((part) => part.replaceAll('.', '\\.'));
        found.patterns.push(new RegExp(`^${escaped.join('[A-Za-z0-9_ -]+')}$`));
      }
    } else if (node.type === 'JSXText' && hasLetters.test(String(node.value))) {
      found.literals.push(String(node.value).trim());
    } else if (node.type === 'JSXAttribute' && isNode(node.name) && isNode(node.value)) {
      const isSpoken = spokenAttributes.has(String(node.name.name));
      if (isSpoken && node.value.type === 'Literal' && hasLetters.test(String(node.value.value))) {
        found.literals.push(String(node.value.value));
      }
    }
  });
  return found;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path))
  .map((path) => `src/${path}`);
/** What the server fills into the page of a study, by the name of its place or by itself. */
const server = '../crates/filmless-server/src/study_page';
const filledIn = [
  ...readFileSync('study.html', 'utf8').matchAll(/\{\{([A-Za-z]+\.[A-Za-z0-9.]+)\}\}/g),
  ...[`${server}.rs`, `${server}/series.rs`].flatMap((path) => [
    ...readFileSync(path, 'utf8').matchAll(/"(lite\.[A-Za-z.]+)"/g),
  ]),
].map(([, key]) => key ?? '');
const sources = new Map([
  ...files.map((path) => [path, readSource(readFileSync(path, 'utf8'))] as const),
  ['study.html', { keys: filledIn, patterns: [], literals: [] }] as const,
]);

describe('locales', () => {
  const english = keysOf(en);
  const vietnamese = keysOf(vi);
  const all = [...sources.values()];

  it('have the same keys', () => {
    expect([...vietnamese].filter((key) => !english.has(key))).toEqual([]);
    expect([...english].filter((key) => !vietnamese.has(key))).toEqual([]);
  });

  it('have the plurals of their language', () => {
    const forms = (tree: Tree, suffix: string) =>
      [...flatten(tree).keys()].filter((key) => key.endsWith(suffix)).map((key) => key.replace(plural, ''));
    expect(forms(en, '_one').sort()).toEqual(forms(en, '_other').sort());
    expect(forms(vi, '_other').sort()).toEqual(forms(en, '_other').sort());
  });

  it('say something everywhere', () => {
    for (const tree of [en, vi]) {
      expect([...flatten(tree)].filter(([, value]) => value.trim() === '')).toEqual([]);
    }
  });

  it('keep the placeholders', () => {
    const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
    const translated = flatten(vi);
    for (const [key, text] of flatten(en)) {
      const other = translated.get(key) ?? translated.get(key.replace(/_one$/, '_other'));
      expect([key, placeholders(other ?? '')]).toEqual([key, placeholders(text)]);
    }
  });

  it('know every key that is asked for', () => {
    expect(all.flatMap(({ keys }) => keys).filter((key) => !english.has(key))).toEqual([]);
    const unknown = all
      .flatMap(({ patterns }) => patterns)
      .filter((pattern) => ![...english].some((key) => pattern.test(key)));
    expect(unknown).toEqual([]);
  });

  it('have no key that nobody asks for', () => {
    const keys = new Set(all.flatMap((found) => found.keys));
    const patterns = all.flatMap((found) => found.patterns);
    const unused = [...english].filter((key) => !keys.has(key) && !patterns.some((pattern) => pattern.test(key)));
    expect(unused).toEqual([]);
  });
});

describe('texts for people', () => {
  it('stand in the locales only', () => {
    const literals = [...sources].flatMap(([path, found]) => found.literals.map((text) => `${path}: ${text}`));
    expect(literals).toEqual([]);
  });

  it('would be found in text and in attributes', () => {
    const found = readSource(
      'export const X = () => <p title="Study list">Hello <b aria-label={t("app.name")} /></p>;',
    );
    expect(found.literals).toEqual(['Study list', 'Hello']);
    expect(found.keys).toEqual(['app.name']);
  });
});
