/** From images that are chosen to pictures for the server's pages. */

import { imageKey, referenceTo } from '../annotations/model';
import type { PrintedPicture } from '../server/prints';
import { compose, encode, type SceneOverlay } from './scene';
import { nameOf, type Source } from './source';

/** One image of one viewport. */
export interface Shot {
  readonly source: Source;
  readonly index: number;
}

/** The key images of the study in series that are in sight, each once and in the order of their series; and how many there are. */
export function keyShots(sources: readonly Source[]): { readonly shots: readonly Shot[]; readonly count: number } {
  const [first] = sources;
  const keys = new Set(first?.drawings?.marks.keyImages.map(imageKey));
  const taken = new Set<string>();
  const shots = sources.flatMap((source) =>
    source.series.frames.flatMap((frame, index): readonly Shot[] => {
      const key = imageKey(referenceTo(source.series, frame));
      if (!keys.has(key) || taken.has(key)) {
        return [];
      }
      taken.add(key);
      return [{ source, index }];
    }),
  );
  return { shots, count: keys.size };
}

/** Pixels of a picture that is as large as a cell of the page: 300 in an inch, as printers have them. */
export function pixelsOfCell(cellMm: number): number {
  return Math.round((cellMm / 25.4) * 300);
}

/** Makes the pictures, one after the other, and says how many are made. */
export async function develop(
  shots: readonly Shot[],
  leastPixels: number,
  overlaysOf: (source: Source) => readonly SceneOverlay[],
  onMade: (count: number) => void,
  signal: AbortSignal,
): Promise<PrintedPicture[]> {
  const pictures: PrintedPicture[] = [];
  for (const { source, index } of shots) {
    signal.throwIfAborted();
    const developed = await source.develop(index, 'image', leastPixels);
    const canvas = await compose(developed, overlaysOf(source));
    const { right, down } = developed.placement;
    pictures.push({ ...nameOf(developed), right, down, file: await encode(canvas, 'image/png') });
    onMade(pictures.length);
  }
  return pictures;
}
