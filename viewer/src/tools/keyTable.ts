/** All that keys do, and on which: the one table from which keys are obeyed, listed, named on buttons, and changed by the reader. */
import { windowKeys } from './presets';
import { tools } from './registry';
import type { Tool } from './types';

/** Where keys count: what is chosen or open there has them before the page, so that they may be the page's as well. */
type Place = 'page' | 'annotation' | 'video';

export interface KeyAct {
  readonly id: string;
  /** A translation key, with `place` for the number in it. */
  readonly label: string;
  readonly place?: number;
  readonly where: Place;
  /** As keyOf names them, unless the reader chose others. */
  readonly keys: readonly string[];
}

export const windowActs: readonly KeyAct[] = windowKeys.map((keys, index) => ({
  id: `window${index + 1}`,
  label: 'help.windowPlace',
  place: index + 1,
  where: 'page',
  keys,
}));

export const annotationActs = [
  { id: 'undo', label: 'help.annotationDoes.undo', where: 'page', keys: ['Ctrl+z'] },
  { id: 'redo', label: 'help.annotationDoes.redo', where: 'page', keys: ['Ctrl+y', 'Ctrl+Shift+z'] },
  {
    id: 'deleteAnnotation',
    label: 'help.annotationDoes.delete',
    where: 'annotation',
    keys: ['Delete', 'Backspace'],
  },
] as const satisfies readonly KeyAct[];

/** A video has those of stepping and playing the stack besides. */
export const videoActs = [
  { id: 'videoToggle', label: 'help.videoDoes.toggle', where: 'video', keys: [' '] },
  { id: 'videoSlower', label: 'help.videoDoes.slower', where: 'video', keys: [',', '<'] },
  { id: 'videoFaster', label: 'help.videoDoes.faster', where: 'video', keys: ['.', '>'] },
] as const satisfies readonly KeyAct[];

export const toolActs: readonly KeyAct[] = tools.map(({ id, label, keys }) => ({
  id,
  label: `tools.${label}`,
  where: 'page',
  keys,
}));

export const keyActs: readonly KeyAct[] = [...toolActs, ...windowActs, ...annotationActs, ...videoActs];

/** The keys of each act. */
export type Bindings = ReadonlyMap<string, readonly string[]>;
/** What the reader chose in place of the table. */
export type OwnKeys = Readonly<Record<string, readonly string[]>>;

/** The table with the reader's own keys in it: where a later version puts another act on one of them, the reader's holds. */
export function bindingsOf(own: OwnKeys): Bindings {
  const taken = new Set(keyActs.flatMap(({ id, where }) => (own[id] ?? []).map((key) => `${where} ${key}`)));
  return new Map(
    keyActs.map(({ id, where, keys }) => [id, own[id] ?? keys.filter((key) => !taken.has(`${where} ${key}`))]),
  );
}

export const tableBindings = bindingsOf({});

/** What a key does here. */
export function actForKey(bindings: Bindings, where: Place, key: string): KeyAct | undefined {
  return keyActs.find((act) => act.where === where && bindings.get(act.id)?.includes(key));
}

export function toolForKey(bindings: Bindings, key: string): Tool | undefined {
  return tools.find(({ id }) => bindings.get(id)?.includes(key));
}

/** The keys of windows, by their place in the menu. */
export function windowKeysOf(bindings: Bindings): readonly (readonly string[])[] {
  return windowActs.map(({ id }) => bindings.get(id) ?? []);
}

/** Those by which dialogs, fields and browsers are worked, whatever is open. */
const reserved =
  /^(Escape|Enter|Tab|Shift|Control|Alt|AltGraph|Meta|ContextMenu|CapsLock|Dead|Process|Unidentified|F11|F12|Ctrl\+(Shift\+)?[ntwqrl+=-]|Ctrl\+Tab|Alt\+(F4|Tab|Arrow(Left|Right)))$/;

export type Refusal = { readonly kind: 'reserved' | 'has' } | { readonly kind: 'taken'; readonly by: KeyAct };

/** Why a key cannot be this act's. */
export function refusalOf(bindings: Bindings, act: KeyAct, key: string): Refusal | undefined {
  if (reserved.test(key)) {
    return { kind: 'reserved' };
  }
  const by = actForKey(bindings, act.where, key);
  return by && (by.id === act.id ? { kind: 'has' } : { kind: 'taken', by });
}

/** The reader's keys once an act has these; what is as in the table is not kept. */
export function withKeys(own: OwnKeys, act: KeyAct, keys: readonly string[]): OwnKeys {
  const { [act.id]: _, ...others } = own;
  const isAsTable = keys.length === act.keys.length && keys.every((key) => act.keys.includes(key));
  return isAsTable ? others : { ...others, [act.id]: keys };
}

/** The reader's keys once an act is as in the table again; refused while another act has one of those. */
export function withoutOwn(
  own: OwnKeys,
  act: KeyAct,
):
  | { readonly kind: 'reset'; readonly own: OwnKeys }
  | { readonly kind: 'taken'; readonly by: KeyAct; readonly key: string } {
  const { [act.id]: _, ...others } = own;
  const bindings = bindingsOf(others);
  const missing = act.keys.find((key) => !bindings.get(act.id)?.includes(key));
  const by = missing === undefined ? undefined : actForKey(bindings, act.where, missing);
  return by && missing !== undefined ? { kind: 'taken', by, key: missing } : { kind: 'reset', own: others };
}
