/** How a key is called in the toolbar and the help. */
import type { TFunction } from 'i18next';

const signs: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  '-': '−',
};

/** The cap of a key; the space bar is called differently in each language. */
export function keyName(key: string, t: TFunction): string {
  if (key === ' ') {
    return t('keys.space');
  }
  return signs[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
