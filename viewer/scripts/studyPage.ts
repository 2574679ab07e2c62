/**
 * Writes into the page of a study which files the full viewer will ask for, found in the build itself: its code, and the
 * worker and decoder of the transfer syntax that frames come in on a slow line.
 */
import type { Plugin } from 'vite';

interface Chunk {
  readonly type: 'chunk';
  readonly fileName: string;
  readonly moduleIds: readonly string[];
  readonly imports: readonly string[];
  readonly viteMetadata?: { readonly importedCss: ReadonlySet<string> };
}

const roots = [/\/src\/main\.tsx$/, /\/src\/viewport\/StudyPage\.tsx$/, /\/src\/viewport\/stage\.ts$/];
const decoders = [/decodeImageFrameWorker.*\.js$/, /openjphjs.*\.wasm$/];

export function studyPage(): Plugin {
  return {
    name: 'filmless:study-page',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle, path }) {
        if (!bundle || !path.endsWith('/study.html')) {
          return html;
        }
        const outputs = Object.values(bundle);
        const chunks = new Map(
          outputs.flatMap((output) => (output.type === 'chunk' ? [[output.fileName, output as Chunk] as const] : [])),
        );
        const files = new Set<string>();
        const add = (name: string): void => {
          const chunk = chunks.get(name);
          if (chunk && !files.has(name)) {
            files.add(name);
            for (const style of chunk.viteMetadata?.importedCss ?? []) {
              files.add(style);
            }
            chunk.imports.forEach(add);
          }
        };
        for (const root of roots) {
          const found = [...chunks.values()].find(({ moduleIds }) => moduleIds.some((id) => root.test(id)));
          if (!found) {
            throw new Error(`the build has no chunk of ${root}`);
          }
          add(found.fileName);
        }
        for (const decoder of decoders) {
          const found = outputs.find(({ fileName }) => decoder.test(fileName));
          if (!found) {
            throw new Error(`the build has no ${decoder}`);
          }
          files.add(found.fileName);
        }
        const json = JSON.stringify([...files].map((name) => `/${name}`));
        return html.replace('</body>', `<script type="application/json" id="files">${json}</script></body>`);
      },
    },
  };
}
