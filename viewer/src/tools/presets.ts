/** Windows to choose: those by body part, the image's own and the full range; the first ten are on the number keys. */
import { presetsFor } from '../imaging/presets';
import type { ActTool } from './types';

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];

/** One entry of the window menu. */
export interface WindowChoice {
  readonly id: string;
  /** Translation key below `presets.`. */
  readonly label: string;
  readonly key: string | undefined;
  readonly values: string | undefined;
  run(context: Parameters<ActTool['run']>[0]): void;
}

/** The window menu of a modality. */
export function windowChoices(modality: string): readonly WindowChoice[] {
  const named = presetsFor(modality).map(
    (preset, index): WindowChoice => ({
      id: preset.id,
      label: preset.id,
      key: digits[index],
      values: `${preset.width} / ${preset.center}`,
      run: ({ view }) => view.setWindow({ center: preset.center, width: preset.width, voiFunction: 'LINEAR' }),
    }),
  );
  const free = digits.slice(named.length);
  return [
    ...named,
    { id: 'image', label: 'image', key: free[0], values: undefined, run: ({ view }) => view.showImageWindow() },
    { id: 'fullRange', label: 'fullRange', key: free[1], values: undefined, run: ({ view }) => view.showFullRange() },
  ];
}
