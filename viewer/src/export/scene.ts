/**
 * A picture with what is drawn over it, put together for paper and files. Whatever is to be seen on a picture that leaves is
 * an overlay: SVG elements in the picture's own pixels, which `Developed.placement` relates to those of the image.
 */
import type { Developed } from '../viewport/viewState';

/** What is drawn over a picture, given the picture. */
export type SceneOverlay = (developed: Developed) => readonly SVGElement[] | Promise<readonly SVGElement[]>;

const svgNamespace = 'http://www.w3.org/2000/svg';

/** An element; values and text are never read as markup. */
export function svg(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly (SVGElement | string)[]
): SVGElement {
  const element = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, `${value}`);
  }
  element.append(...content);
  return element;
}

async function imageOf(root: SVGElement): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(root))}`;
  await image.decode();
  return image;
}

/** Draws the overlays onto the picture. */
export async function compose(developed: Developed, overlays: readonly SceneOverlay[]): Promise<HTMLCanvasElement> {
  const { canvas } = developed;
  const elements = (await Promise.all(overlays.map((overlay) => overlay(developed)))).flat();
  if (elements.length > 0) {
    const { width, height } = canvas;
    const root = svg('svg', { xmlns: svgNamespace, width, height, viewBox: `0 0 ${width} ${height}` }, ...elements);
    canvas.getContext('2d')?.drawImage(await imageOf(root), 0, 0, width, height);
  }
  return canvas;
}

/** The picture as a file. */
export function encode(canvas: HTMLCanvasElement, type: 'image/png' | 'image/jpeg'): Promise<Blob> {
  const quality = 0.95;
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the browser encodes no picture'))),
      type,
      quality,
    );
  });
}
