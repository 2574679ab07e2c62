/** Overlay planes over the picture, zoomed, turned and flipped as it is. */
import { useEffect, useMemo, useRef } from 'react';
import { type Placement, screenAt } from '../imaging/placement';
import { drawMask } from '../objects/overlays/drawMask';
import type { Colour } from '../objects/overlays/model';
import type { PlaneMask } from './overlayPlanes';

export interface ColouredMask {
  readonly mask: PlaneMask;
  readonly colour: Colour;
}

function canvasOf({ mask, colour: [red, green, blue] }: ColouredMask): OffscreenCanvas {
  const { columns, rows, covered } = mask;
  const pixels = new Uint8ClampedArray(4 * covered.length);
  covered.forEach((isCovered, at) => {
    if (isCovered) {
      pixels.set([red, green, blue, 255], 4 * at);
    }
  });
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  return canvas;
}

export function PlaneCanvas({
  masks,
  placement,
}: {
  readonly masks: readonly ColouredMask[];
  readonly placement: Placement;
}) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const drawn = useMemo(() => masks.map((one) => ({ mask: one.mask, canvas: canvasOf(one) })), [masks]);
  useEffect(() => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) {
      return;
    }
    const ratio = window.devicePixelRatio;
    canvas.width = Math.round(placement.width * ratio);
    canvas.height = Math.round(placement.height * ratio);
    context.scale(ratio, ratio);
    for (const { mask, canvas: picture } of drawn) {
      const { left, top, step } = mask;
      drawMask(context, picture, ([x, y]) =>
        screenAt(placement, [left + step * (x + 0.5) - 0.5, top + step * (y + 0.5) - 0.5]),
      );
    }
  }, [drawn, placement]);
  return (
    <canvas
      ref={canvasRef}
      aria-hidden
      data-testid="planes"
      data-planes={masks.length}
      className="absolute inset-0 size-full"
    />
  );
}
