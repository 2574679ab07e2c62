/** Speed of moving pictures (PS3.3 C.7.6.5, Cine Module). */
import { type DataSet, number } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

/** Frames per second when a stack that is no recording is played. */
export const defaultFrameRate = 10;
export const slowestFrameRate = 1;
export const fastestFrameRate = 60;

/** A rate that a screen can show. */
export function clampFrameRate(rate: number): number {
  return Math.min(fastestFrameRate, Math.max(slowestFrameRate, Math.round(rate)));
}

/** What a recording asks for: the recommended rate, the rate it was taken at, or its frame time in milliseconds. */
export function frameRate(instance: DataSet): number | undefined {
  const frameTimeMs = number(instance, Tag.FrameTime);
  const rates = [
    number(instance, Tag.RecommendedDisplayFrameRate),
    number(instance, Tag.CineRate),
    frameTimeMs !== undefined && frameTimeMs > 0 ? 1000 / frameTimeMs : undefined,
  ];
  const rate = rates.find((candidate) => candidate !== undefined && candidate > 0);
  return rate === undefined ? undefined : clampFrameRate(rate);
}

/** The frame to show after `elapsedMs`, and the time that is left over for the next one. */
export function advance(
  index: number,
  count: number,
  elapsedMs: number,
  rate: number,
): { readonly index: number; readonly restMs: number } {
  const frameMs = 1000 / rate;
  const steps = Math.floor(elapsedMs / frameMs);
  return { index: count > 0 ? (index + steps) % count : 0, restMs: elapsedMs - steps * frameMs };
}
