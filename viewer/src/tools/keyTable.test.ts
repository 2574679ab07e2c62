import { describe, expect, it } from 'vitest';
import en from '../locales/en/help.json';
import viewer from '../locales/en/viewer.json';
import { keyOf } from './keyName';
import {
  actForKey,
  bindingsOf,
  type KeyAct,
  keyActs,
  refusalOf,
  tableBindings,
  toolForKey,
  windowKeysOf,
  withKeys,
  withoutOwn,
} from './keyTable';
import { tools } from './registry';

const actOf = (id: string) => keyActs.find((act) => act.id === id) as KeyAct;

function pressed(key: string, held: Partial<KeyboardEvent> & { altGraph?: true } = {}): string {
  const { altGraph, ...rest } = held;
  const none = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, code: '' };
  return keyOf({ ...none, key, ...rest, getModifierState: () => altGraph === true });
}

describe('the table of keys', () => {
  it('has every tool, and every act once', () => {
    const ids = keyActs.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(tools.map(({ id }) => id)));
  });

  it('has a name for every act', () => {
    const texts = { ...en, ...viewer } as unknown as Record<string, unknown>;
    const textOf = (label: string) =>
      label.split('.').reduce<unknown>((tree, part) => (tree as Record<string, unknown>)[part], texts);
    expect(keyActs.filter(({ label }) => typeof textOf(label) !== 'string')).toEqual([]);
  });

  it('gives a key to one act only in each place, and none that is the browser’s', () => {
    const keys = keyActs.flatMap((act) => act.keys.map((key) => `${act.where} ${key}`));
    expect(new Set(keys).size).toBe(keys.length);
    expect(
      keyActs
        .flatMap((act) => act.keys.map((key) => refusalOf(tableBindings, act, key)?.kind))
        .filter((kind) => kind !== 'has'),
    ).toEqual([]);
  });

  it('finds tools by key', () => {
    expect(toolForKey(tableBindings, 'i')?.id).toBe('invert');
    expect(toolForKey(tableBindings, 'ArrowDown')?.id).toBe('nextImage');
    expect(toolForKey(tableBindings, 'F11')).toBeUndefined();
  });
});

describe('what is pressed', () => {
  it('is one key in either case, with what is held before it', () => {
    expect([pressed('I'), pressed('i')]).toEqual(['i', 'i']);
    expect(pressed('π', { altKey: true, code: 'KeyP' })).toBe('Alt+p');
    expect(pressed('Z', { ctrlKey: true, shiftKey: true })).toBe('Ctrl+Shift+z');
    expect(pressed('z', { metaKey: true })).toBe('Ctrl+z');
    expect(pressed('?', { shiftKey: true })).toBe('?');
    expect(pressed('ArrowDown', { shiftKey: true })).toBe('ArrowDown');
  });

  it('is the character where AltGr writes it', () =>
    expect(pressed('[', { ctrlKey: true, altKey: true, altGraph: true })).toBe('['));
});

describe('keys of the reader', () => {
  const invert = actOf('invert');

  it('hold in place of those of the table', () => {
    const bindings = bindingsOf({ invert: ['ArrowDown', 'Ctrl+i'] });
    expect(actForKey(bindings, 'page', 'Ctrl+i')?.id).toBe('invert');
    expect(actForKey(bindings, 'page', 'i')).toBeUndefined();
    // Kept before a later version put something else there.
    expect(actForKey(bindings, 'page', 'ArrowDown')?.id).toBe('invert');
    expect(bindings.get('nextImage')).toEqual([]);
  });

  it('are refused where another act has them, or the browser', () => {
    expect(refusalOf(tableBindings, invert, 'h')).toEqual({ kind: 'taken', by: actOf('flipHorizontal') });
    expect(refusalOf(tableBindings, invert, 'F6')).toEqual({ kind: 'taken', by: actOf('window6') });
    expect(refusalOf(tableBindings, invert, 'i')).toEqual({ kind: 'has' });
    for (const key of ['Escape', 'Tab', 'F11', 'Ctrl+w', 'Shift', 'Dead']) {
      expect(refusalOf(tableBindings, invert, key), key).toEqual({ kind: 'reserved' });
    }
    expect(refusalOf(tableBindings, invert, '~')).toBeUndefined();
    // A video has its keys before the page.
    expect(refusalOf(tableBindings, actOf('videoFaster'), 'h')).toBeUndefined();
  });

  it('are kept only where they are not as in the table', () => {
    expect(withKeys({}, invert, ['i', '~'])).toEqual({ invert: ['i', '~'] });
    expect(withKeys({ invert: ['~'], fit: [] }, invert, ['i'])).toEqual({ fit: [] });
    expect(withKeys({}, invert, [])).toEqual({ invert: [] });
  });

  it('give way to the table again, unless another act has its key by now', () => {
    expect(withoutOwn({ invert: ['~'] }, invert)).toEqual({ kind: 'reset', own: {} });
    expect(withoutOwn({ invert: ['~'], fit: ['i'] }, invert)).toEqual({ kind: 'taken', by: actOf('fit'), key: 'i' });
  });

  it('are on the windows by their place', () => {
    expect(windowKeysOf(bindingsOf({ window2: ['~'] })).slice(0, 3)).toEqual([['1', 'F1'], ['~'], ['3', 'F3']]);
  });
});
