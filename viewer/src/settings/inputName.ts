/** What a button of the mouse is called, with the key that is held. */
import type { TFunction } from 'i18next';
import type { DragInput, WheelInput } from './mouse';

export function inputName(input: DragInput | WheelInput | 'left' | 'doubleClick', t: TFunction): string {
  const [plain, held] = input.split('+').reverse();
  const name = t(`help.button.${plain}`);
  return held === undefined ? name : `${held[0]?.toUpperCase()}${held.slice(1)} + ${name.toLocaleLowerCase()}`;
}
