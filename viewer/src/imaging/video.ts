/** Frames of a video, which a browser knows only by their time (PS3.3 C.7.6.5, Cine Module). */

/** What the header says of a stream; what is in the stream may differ. */
export interface VideoStream {
  readonly transferSyntaxUid: string | undefined;
  readonly numberOfFrames: number | undefined;
  /** Frames per second. */
  readonly frameRate: number | undefined;
}

/** Rates outside of these come from a number of frames, or a duration, that is not true. */
const [slowest, fastest] = [1, 300];

/**
 * Frames per second: as many as lie in the time that the browser finds, or else what the header says. Undefined if neither
 * is of use; then single frames cannot be found.
 */
export function videoFrameRate(stream: VideoStream, durationSeconds: number): number | undefined {
  const counted = (stream.numberOfFrames ?? 0) / durationSeconds;
  return Number.isFinite(counted) && counted >= slowest && counted <= fastest ? counted : stream.frameRate;
}

/** How many frames of this rate there are. */
export function frameCount(rate: number, durationSeconds: number): number {
  return Number.isFinite(durationSeconds) ? Math.max(Math.round(durationSeconds * rate), 1) : 1;
}

/** The frame that is shown at a time, from 0. */
export function frameAt(seconds: number, rate: number, count: number): number {
  // A frame begins at its time, which is rarely a number that can be written down.
  return Math.min(Math.max(Math.floor(seconds * rate + 0.01), 0), count - 1);
}

/** The middle of the time of a frame: whatever is rounded on the way there, this frame is shown. */
export function middleOfFrame(frame: number, rate: number): number {
  return (frame + 0.5) / rate;
}
