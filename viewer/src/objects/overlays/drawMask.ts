/** Laying what has pixels of its own over a picture. */
import type { PicturePoint } from '../../imaging/imagePlane';

/** Lays a mask over the picture, as large and as turned as that is on the screen. */
export function drawMask(
  context: CanvasRenderingContext2D,
  mask: OffscreenCanvas,
  at: (point: PicturePoint) => readonly [number, number] | undefined,
): void {
  const [origin, right, down] = [at([-0.5, -0.5]), at([0.5, -0.5]), at([-0.5, 0.5])];
  if (origin && right && down) {
    context.save();
    context.transform(
      right[0] - origin[0],
      right[1] - origin[1],
      down[0] - origin[0],
      down[1] - origin[1],
      origin[0],
      origin[1],
    );
    // Pixels stay pixels, but thin lines of a picture that is shown smaller must not fall between those of the screen.
    context.imageSmoothingEnabled = Math.hypot(right[0] - origin[0], right[1] - origin[1]) < 1;
    context.drawImage(mask, 0, 0);
    context.restore();
  }
}
