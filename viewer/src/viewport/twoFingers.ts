/** What two fingers on a picture are about: those that spread zoom and move it, those that go together change its window. */

/** A finger that moves less than this rests, or taps. */
export const slopPixels = 10;

/**
 * Undefined until they tell. `spread` is how much farther from each other or nearer they are than when both were down, `way` how
 * far their middle has gone, in pixels.
 */
export function aboutTwoFingers(spread: number, way: number, haveBothMoved: boolean): 'pinch' | 'window' | undefined {
  // Browsers tell of one finger after the other: the first of two that go together has gone from the second for a moment.
  if (Math.max(spread, way) < (haveBothMoved ? slopPixels : 3 * slopPixels)) {
    return undefined;
  }
  return spread > way ? 'pinch' : 'window';
}
