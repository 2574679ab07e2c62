/**
 * Windows to choose: those by body part, the image's own and the full range. The first ten are on the number keys and,
 * as on the workstations that film readers know, on F1 to F10.
 */
import { presetsFor } from '../imaging/presets';
import type { ActTool } from './types';

/** Pairs of keys that do the same. F11 and F12 stay the browser's. */
const keyPairs = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'].map((digit, index) => [digit, `F${index + 1}`]);

/** One entry of the window menu. */
export interface WindowChoice {
  readonly id: string;
  /** Translation key below `presets.`. */
  readonly label: string;
  /** Values of KeyboardEvent.key; none beyond the tenth window. */
  readonly keys: readonly string[];
  readonly values: string | undefined;
  run(context: Parameters<ActTool['run']>[0]): void;
}

/** The window menu of a modality. */
export function windowChoices(modality: string): readonly WindowChoice[] {
  const named = presetsFor(modality).map(
    (preset, index): WindowChoice => ({
      id: preset.id,
      label: preset.id,
      keys: keyPairs[index] ?? [],
      values: `${preset.width} / ${preset.center}`,
      run: ({ view }) => view.setWindow({ center: preset.center, width: preset.width, voiFunction: 'LINEAR' }),
    }),
  );
  const free = keyPairs.slice(named.length);
  return [
    ...named,
    { id: 'image', label: 'image', keys: free[0] ?? [], values: undefined, run: ({ view }) => view.showImageWindow() },
    {
      id: 'fullRange',
      label: 'fullRange',
      keys: free[1] ?? [],
      values: undefined,
      run: ({ view }) => view.showFullRange(),
    },
  ];
}
