/**
 * Leaves out of the build what Cornerstone brings along and the viewer never calls, as all of it would come before the first
 * image: of dcmjs all but what `stubs/dcmjs.ts` stands in for, of vtk.js drawing by WebGPU, and the loader of whole files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const packages = ['core', 'metadata', 'dicom-image-loader', 'utils'];

function scripts(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

interface Dictionary {
  readonly nameMap: Readonly<Record<string, { readonly tag: string; readonly vr: string; readonly vm: string }>>;
}

/** The attributes of the dictionary of dcmjs whose keywords Cornerstone has anywhere in its code. */
export async function knownAttributes(): Promise<[tag: string, vr: string, vm: string, name: string][]> {
  // It has no types.
  const whole: string = 'dcmjs';
  const { data } = (await import(whole)) as { data: { DicomMetaDictionary: Dictionary } };
  const modules = join(dirname(fileURLToPath(import.meta.url)), '../node_modules/@cornerstonejs');
  const words = new Set(
    packages.flatMap((name) => scripts(join(modules, name, 'dist/esm')).flatMap((code) => code.match(/\w+/g) ?? [])),
  );
  return Object.entries(data.DicomMetaDictionary.nameMap)
    .filter(([name]) => words.has(name))
    .map(([name, { tag, vr, vm }]) => [tag.replace(/[(),]/g, ''), vr, vm, name]);
}

const standIn = '\0dcmjs';

/** What is in place of modules that nothing on our path needs. */
const empty: readonly (readonly [RegExp, string])[] = [
  [/\/vtk\.js\/Rendering\/WebGPU\/(Profiles\/\w+|RenderWindow)\.js$/, 'export default {};'],
  [/\/dicom-image-loader\/.*\/wadouri\/register\.js$/, 'export default () => {};'],
  [/\/dicom-image-loader\/.*\/wadouri\/dataSetCacheManager\.js$/, 'export default { purge() {} };'],
];

export function trimmed(): Plugin {
  return {
    name: 'filmless:trimmed',
    apply: 'build',
    enforce: 'pre',
    resolveId: { filter: { id: /^dcmjs$/ }, handler: () => standIn },
    async load(id) {
      if (id !== standIn) {
        return empty.find(([path]) => path.test(id))?.[1];
      }
      const code = fileURLToPath(new URL('./stubs/dcmjs.ts', import.meta.url));
      return `import { standIn } from ${JSON.stringify(code)};
        const dcmjs = standIn(${JSON.stringify(await knownAttributes())});
        export const { constants, log } = dcmjs;
        export default dcmjs;`;
    },
  };
}
