/** What the server put into the page for its script. It is ours, so it is not checked as a peer's answer is. */
import type { WindowPreset } from '../imaging/presets';

export interface PageSeries {
  readonly uid: string;
  readonly modality: string;
  readonly images: number | null;
}

/** The frame whose picture is in the page. */
export interface Opening {
  readonly series: string;
  readonly instance: string;
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
  readonly transfer_syntax: string;
  readonly photometric: string;
}

type Texts = { readonly [key: string]: string | Texts };

interface PageState {
  readonly study: string;
  readonly series: readonly PageSeries[];
  readonly opening: Opening | null;
  readonly texts: Texts;
}

function read<Content>(id: string, otherwise: Content): Content {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null') ?? otherwise;
}

export const state = read<PageState>('state', { study: '', series: [], opening: null, texts: {} });

/** The files of the full viewer, in the order in which they are needed. */
export const fullFiles = read<readonly string[]>('files', []);

/** The text of a key in the language of the page. */
export function t(key: `lite.${string}`, values: Readonly<Record<string, string | number>> = {}): string {
  let found: string | Texts | undefined = state.texts;
  for (const part of key.split('.').slice(1)) {
    found = typeof found === 'object' ? found[part] : undefined;
  }
  const text = typeof found === 'string' ? found : '';
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''));
}

const offered = ['brain', 'softTissue', 'mediastinum', 'lung', 'bone'] as const;

/** The windows that are offered for a modality, of those that there are. */
export function offeredWindows(
  presets: readonly WindowPreset[],
): readonly (WindowPreset & { readonly name: string })[] {
  return presets.flatMap((preset) => {
    const id = offered.find((candidate) => candidate === preset.id);
    return id ? [{ ...preset, name: t(`lite.windowNames.${id}`) }] : [];
  });
}
