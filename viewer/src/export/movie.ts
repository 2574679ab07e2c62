/**
 * Pictures as a moving picture: an MP4 of the first codec that this browser can write. Put together by mediabunny, encoded by
 * the browser (WebCodecs); in a script of its own, as few ever want it.
 */
import { BufferTarget, CanvasSource, getFirstEncodableVideoCodec, Mp4OutputFormat, Output, Quality } from 'mediabunny';
import { noEncoder } from './film';

/** What other programs play best comes first. */
const codecs = ['avc', 'av1', 'vp9'] as const;
export type MovieCodec = (typeof codecs)[number];

/** Longer sides are beyond what browsers encode and phones play. */
const longestSide = 1920;
/** Encoders take even sides only. */
const even = (side: number) => Math.max(2, 2 * Math.round(side / 2));
/** In seconds: from each of these one can begin to play. */
const keyFrameInterval = 1;

/** No codec that goes into an MP4 can be written here. */
class NoEncoder extends Error {
  override readonly name = noEncoder;
}

export interface Movie {
  readonly file: Blob;
  readonly codec: MovieCodec;
}

/** The sides of the movie, by those of its first picture. */
export function movieSides(width: number, height: number): readonly [number, number] {
  const share = Math.min(1, longestSide / Math.max(width, height));
  return [even(width * share), even(height * share)];
}

/** Makes the pictures one after the other and puts them together; each is shown for the same time. */
export async function makeMovie(
  count: number,
  pictureAt: (place: number) => Promise<HTMLCanvasElement>,
  framesPerSecond: number,
  onMade: (count: number) => void,
  signal: AbortSignal,
): Promise<Movie> {
  if (!('VideoEncoder' in window)) {
    throw new NoEncoder();
  }
  const first = await pictureAt(0);
  const [width, height] = movieSides(first.width, first.height);
  const quality = new Quality('very-high');
  const found = await getFirstEncodableVideoCodec([...codecs], { width, height, quality });
  const codec = codecs.find((candidate) => candidate === found);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d', { alpha: false });
  if (!codec || !context) {
    throw new NoEncoder();
  }
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target });
  const source = new CanvasSource(canvas, { codec, quality, keyFrameInterval });
  output.addVideoTrack(source, { frameRate: framesPerSecond });
  await output.start();
  try {
    for (let place = 0; place < count; place += 1) {
      signal.throwIfAborted();
      const picture = place === 0 ? first : await pictureAt(place);
      // Images of other sizes stand in the middle, as in the viewport.
      const share = Math.min(width / picture.width, height / picture.height);
      const [across, down] = [picture.width * share, picture.height * share];
      context.fillRect(0, 0, width, height);
      context.drawImage(picture, (width - across) / 2, (height - down) / 2, across, down);
      await source.add(place / framesPerSecond, 1 / framesPerSecond);
      onMade(place + 1);
    }
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error;
  }
  return { file: new Blob([target.buffer ?? new ArrayBuffer(0)], { type: 'video/mp4' }), codec };
}
