import { describe, expect, it } from 'vitest';
import en from '../locales/en/viewer.json';
import { windowChoices } from './presets';
import { dragTool, toolForKey, tools } from './registry';

describe('the registry', () => {
  it('has every tool once', () => expect(new Set(tools.map(({ id }) => id)).size).toBe(tools.length));

  it('has a name for every tool', () =>
    expect(tools.filter(({ label }) => !(label in en.tools)).map(({ id }) => id)).toEqual([]));

  it('gives a key to one tool only, and none of the digits', () => {
    const keys = tools.flatMap((tool) => tool.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => /^\d$/.test(key))).toEqual([]);
  });

  it('finds tools by key in either case', () => {
    expect(toolForKey('I')?.id).toBe('invert');
    expect(toolForKey('ArrowDown')?.id).toBe('nextImage');
    expect(toolForKey('q')).toBeUndefined();
  });

  it('falls back to the window tool', () => expect(dragTool('no such tool').id).toBe('window'));
});

describe('window choices', () => {
  it('have one digit each, at most ten', () => {
    for (const modality of ['CT', 'MR', '']) {
      const keys = windowChoices(modality).flatMap(({ key }) => key ?? []);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.every((key) => /^\d$/.test(key))).toBe(true);
    }
  });

  it('have names', () => expect(windowChoices('CT').filter(({ label }) => !(label in en.presets))).toEqual([]));
});
