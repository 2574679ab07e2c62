/** Segments and structures on a picture that leaves, with the parts and the opacity that the reader chose on the screen. */
import type { OverlayPainter } from '../viewport/readingState';
import { type SceneOverlay, svg } from './scene';

export function overlaidOverlay(paint: OverlayPainter): SceneOverlay {
  return async ({ index, placement, canvas: { width, height } }) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d');
    if (!context) {
      throw new Error('the browser has no memory for a picture');
    }
    await paint(context, index, placement);
    return [svg('image', { href: canvas.toDataURL('image/png'), x: 0, y: 0, width, height })];
  };
}
