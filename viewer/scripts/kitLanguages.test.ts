import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { kitTexts } from './kitLanguages';

const kit = fileURLToPath(new URL('../node_modules', import.meta.url));
const folder = fileURLToPath(new URL('../src/locales/kit', import.meta.url));
const libraries = { dateValidation: ['react-stately', 'datepicker'] } as const;

const args = new Proxy({}, { get: (_, name) => `‹${String(name)}›` });
const formatter = { plural: (_: unknown, { other }: { other(): string }) => other(), number: String };

/** What a text of either language is about, by the names in it. */
function placesOf(text: unknown): string[] {
  const said = typeof text === 'function' ? (text as (...of: unknown[]) => string)(args, formatter) : String(text);
  return (said.match(/‹\w+›/g) ?? []).sort();
}

it('the kit says in Vietnamese all that it says in English, with the same values in it', async () => {
  const files = readdirSync(folder).filter((name) => name !== 'said.ts');
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    const name = basename(file, '.ts');
    const [library, part] = name in libraries ? libraries[name as keyof typeof libraries] : ['react-aria', name];
    expect(basename(kitTexts(library, part))).toBe(file);
    const { default: en } = (await import(`${kit}/${library}/dist/private/intl/${part}/en-US.mjs`)) as {
      default: object;
    };
    const { said: vi } = (await import(`${folder}/${file}`)) as { said: object };
    expect(Object.keys(vi), file).toEqual(Object.keys(en));
    expect(Object.values(vi).map(placesOf), file).toEqual(Object.values(en).map(placesOf));
  }
});
