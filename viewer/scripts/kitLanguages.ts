/**
 * Gives the kit of controls (React Aria), which knows 34 languages but not Vietnamese, our two in place of them: what it says by
 * itself in Vietnamese is in `src/locales/kit`. A build that uses a part of the kit without such texts fails.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const texts = fileURLToPath(new URL('../src/locales/kit', import.meta.url));

/** The file of ours with the texts of a module of the kit. */
export function kitTexts(library: string, part: string): string {
  return `${texts}/${library === 'react-stately' && part === 'datepicker' ? 'dateValidation' : part}.ts`;
}

const kitModule = /\/(react-aria|react-stately)\/dist\/private\/(\w+)\/intlStrings\.mjs$/;

/** Which part of the kit a module has the texts of, and where ours are; undefined for every other module. */
function textsOf(id: string): { part: string; ours: string } | undefined {
  const [, library, part] = kitModule.exec(id) ?? [];
  return library === undefined || part === undefined ? undefined : { part, ours: kitTexts(library, part) };
}

export function kitLanguages(): Plugin {
  return {
    name: 'filmless:kit-languages',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      const kit = textsOf(id);
      if (!kit || !existsSync(kit.ours)) {
        return undefined;
      }
      return `import en from ${JSON.stringify(`../intl/${kit.part}/en-US.mjs`)};
        import { said as vi } from ${JSON.stringify(kit.ours)};
        export default { 'en-US': en, 'vi-VN': vi };`;
    },
    generateBundle(_, bundle) {
      const used = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
      for (const id of used) {
        const kit = textsOf(id);
        if (kit && !existsSync(kit.ours)) {
          this.error(`the kit says what is not in Vietnamese: ${id} wants ${kit.ours}`);
        }
      }
    },
  };
}
