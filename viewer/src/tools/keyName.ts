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

const alt = 'Alt+';

/** What was pressed, as tools name their keys: KeyboardEvent.key, letters in lower case, with Alt before it. */
export function keyOf({ altKey, code, key }: Pick<KeyboardEvent, 'altKey' | 'code' | 'key'>): string {
  // Together with Alt some keyboards make other characters of letters.
  const [, letter] = /^Key([A-Z])$/.exec(altKey ? code : '') ?? [];
  const plain = letter ?? key;
  return `${altKey ? alt : ''}${plain.length === 1 ? plain.toLowerCase() : plain}`;
}

/** The cap of a key; the space bar is called differently in each language. */
export function keyName(key: string, t: TFunction): string {
  if (key === ' ') {
    return t('keys.space');
  }
  if (key.startsWith(alt)) {
    return `Alt + ${keyName(key.slice(alt.length), t)}`;
  }
  return signs[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
