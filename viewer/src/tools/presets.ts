/**
 * Windows to choose: those by body part, the image's own, the full range, and each that an image names if it names
 * several. The first ten are on the number keys and, as on the workstations that film readers know, on F1 to F10.
 */
import type { TFunction } from 'i18next';
import { presetsFor } from '../imaging/presets';
import type { VoiWindow } from '../imaging/window';
import type { ViewState } from '../viewport/viewState';
import type { ActTool } from './types';

/** Pairs of keys that do the same. F11 and F12 stay the browser's. */
export const windowKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'].map((digit, index) => [
  digit,
  `F${index + 1}`,
]);

/** One entry of the window menu. */
export interface WindowChoice {
  readonly id: string;
  /** Translation key below `presets.`, with `place` for the number in it. */
  readonly label: string;
  readonly place?: number;
  /** What the image calls it, in place of our name. */
  readonly name?: string;
  /** None beyond the tenth window. */
  readonly keys: readonly string[];
  readonly values: string | undefined;
  run(context: Parameters<ActTool['run']>[0]): void;
}

const noWindows: readonly VoiWindow[] = [];
/** Of an image's own: a menu of more is nothing that anybody reads. */
const mostOwn = 100;

/** The windows that the frame in a viewport names; colours have none. */
export function windowsShown({ series, index }: ViewState): readonly VoiWindow[] {
  const frame = series?.frames[index];
  return frame && !frame.isColour ? frame.windows : noWindows;
}

/** What a choice is called. The name that an image gives is text of a peer: to be shown as text only. */
export function choiceName({ label, place, name }: WindowChoice, t: TFunction): string {
  return name ?? t(`presets.${label}`, { place });
}

/** Those that an image names, if there are several; the first alone is "as in the image". */
function ownChoices(windows: readonly VoiWindow[], keys: readonly (readonly string[])[]): WindowChoice[] {
  return windows.length < 2
    ? []
    : windows.slice(0, mostOwn).map(({ center, width, explanation, table }, place) => ({
        id: `own-${place}`,
        label: table ? 'ownTable' : 'own',
        place: place + 1,
        ...(explanation === undefined ? {} : { name: explanation }),
        keys: keys[place] ?? [],
        values: table ? 'VOI LUT' : `${width} / ${center}`,
        run: ({ view }) => view.showImageWindow(place),
      }));
}

/** The window menu of a modality, for a frame that names these windows, with the keys of each place in it. */
export function windowChoices(
  modality: string,
  windows: readonly VoiWindow[],
  keys: readonly (readonly string[])[] = windowKeys,
): readonly WindowChoice[] {
  const named = presetsFor(modality).map(
    (preset, index): WindowChoice => ({
      id: preset.id,
      label: preset.id,
      keys: keys[index] ?? [],
      values: `${preset.width} / ${preset.center}`,
      run: ({ view }) => view.setWindow({ center: preset.center, width: preset.width, voiFunction: 'LINEAR' }),
    }),
  );
  const free = keys.slice(named.length);
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
    ...ownChoices(windows, free.slice(2)),
  ];
}
