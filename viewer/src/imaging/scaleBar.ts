/** A scale bar of a round length. */

export interface ScaleBar {
  readonly lengthMm: number;
  readonly lengthPixels: number;
}

/** The longest bar of 1, 2 or 5 times a power of ten millimetres that is not longer than `mostPixels` on the screen. */
export function scaleBar(mmPerPixel: number, mostPixels: number): ScaleBar | undefined {
  const mostMm = mmPerPixel * mostPixels;
  if (!Number.isFinite(mostMm) || mostMm <= 0) {
    return undefined;
  }
  const power = 10 ** Math.floor(Math.log10(mostMm));
  const factor = [5, 2, 1].find((candidate) => candidate * power <= mostMm) ?? 1;
  const lengthMm = factor * power;
  return { lengthMm, lengthPixels: lengthMm / mmPerPixel };
}
