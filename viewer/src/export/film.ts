/** Which images of a series become a moving picture, and how fast it goes. */
import { defaultFrameRate } from '../imaging/cine';
import type { ExportedImage } from '../server/exports';
import { chosenIndices } from './selection';
import type { Source } from './source';

/** Numbers of images as readers count them, from 1. */
export interface FilmWishes {
  readonly from: number;
  readonly to: number;
  readonly framesPerSecond: number;
}

/** The name of the error of a browser that can write no moving picture. */
export const noEncoder = 'NoEncoder';

/** The longer side of a picture of it has at least so many pixels. */
export const filmPixels = 1080;

/** The whole of it, as fast as the header says. */
export function firstFilm({ series }: Source): FilmWishes {
  return { from: 1, to: series.frames.length, framesPerSecond: series.frameRate ?? defaultFrameRate };
}

/** Makes the file, and names the images that are in it. */
export async function makeFilm(
  { series }: Source,
  { from, to, framesPerSecond }: FilmWishes,
  picture: (index: number) => Promise<HTMLCanvasElement>,
  onMade: (count: number) => void,
  signal: AbortSignal,
): Promise<{ readonly file: Blob; readonly images: readonly ExportedImage[] }> {
  const indices = chosenIndices({ selection: 'range', step: 1, from, to }, 0, series.frames.length);
  const images = indices.flatMap((index) => {
    const frame = series.frames[index];
    return frame
      ? [{ series: series.seriesInstanceUid, instance: frame.sopInstanceUid, frame: frame.frameNumber }]
      : [];
  });
  const { makeMovie } = await import('./movie');
  const { file } = await makeMovie(
    indices.length,
    (place) => picture(indices[place] ?? 0),
    framesPerSecond,
    onMade,
    signal,
  );
  return { file, images };
}
