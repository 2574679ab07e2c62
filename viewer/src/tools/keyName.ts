/** How a key is called: in the table of keys, and on the screen. */
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

const held = ['Ctrl', 'Alt', 'Shift'] as const;

type Pressed = Pick<KeyboardEvent, 'altKey' | 'code' | 'ctrlKey' | 'key' | 'metaKey' | 'shiftKey' | 'getModifierState'>;

/**
 * What was pressed, as the table names keys: KeyboardEvent.key, letters in lower case, what is held before it. Shift counts
 * only beside Ctrl: else it is in the character already.
 */
export function keyOf(event: Pressed): string {
  const { altKey, code, ctrlKey, key, metaKey, shiftKey } = event;
  // By AltGr characters are written; some systems say that it is Ctrl and Alt.
  const isWriting = event.getModifierState('AltGraph');
  const hasCtrl = !isWriting && (ctrlKey || metaKey);
  const hasAlt = !isWriting && altKey;
  // Together with Alt some keyboards make other characters of letters.
  const [, letter] = /^Key([A-Z])$/.exec(hasAlt ? code : '') ?? [];
  const plain = letter ?? key;
  const modifiers = [hasCtrl ? 'Ctrl+' : '', hasAlt ? 'Alt+' : '', hasCtrl && shiftKey ? 'Shift+' : ''];
  return `${modifiers.join('')}${plain.length === 1 ? plain.toLowerCase() : plain}`;
}

/** The cap of a key; the space bar is called differently in each language. */
export function keyName(key: string, t: TFunction): string {
  const modifier = held.find((name) => key.startsWith(`${name}+`) && key.length > name.length + 1);
  if (modifier !== undefined) {
    return `${modifier} + ${keyName(key.slice(modifier.length + 1), t)}`;
  }
  return key === ' ' ? t('keys.space') : (signs[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
