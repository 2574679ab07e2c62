/**
 * Where pictures are made for paper and files: a surface of its own out of sight, so that they have the pixels they need and
 * not those of the screen. It is small and never changes its size, as other sizes and surfaces that go disturb those in sight
 * (cornerstone3D issue 2909); a large picture is drawn piece by piece.
 */
import type { PicturePoint } from '../imaging/imagePlane';
import { type Placement, pictureAt } from '../imaging/placement';
import type { VoiWindow } from '../imaging/window';
import type { Surface } from './surface';

/** A side of a piece, in pixels. */
const pieceSide = 1024;

/** A picture that is to be made. */
export interface Negative {
  readonly imageId: string;
  /** It is turned, flipped and inverted as this one is. */
  readonly model: Surface;
  readonly window: VoiWindow | undefined;
  /** How the image is to lie in the picture, and how large that is, in whole pixels. */
  readonly placement: Placement;
}

export class Darkroom {
  readonly #element: HTMLDivElement;
  readonly #surface: Surface;
  #isGone = false;
  /** Pictures are made one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(newSurface: (element: HTMLDivElement) => Surface) {
    this.#element = document.createElement('div');
    this.#element.ariaHidden = 'true';
    this.#element.className = 'pointer-events-none invisible fixed inset-0 bg-black';
    const side = `${pieceSide / window.devicePixelRatio}px`;
    this.#element.style.width = side;
    this.#element.style.height = side;
    document.body.append(this.#element);
    this.#surface = newSurface(this.#element);
  }

  develop(negative: Negative): Promise<HTMLCanvasElement> {
    const developed = this.#last.then(() => this.#develop(negative));
    this.#last = developed.catch(() => undefined);
    return developed;
  }

  async #develop({ imageId, model, window: voi, placement }: Negative): Promise<HTMLCanvasElement> {
    const picture = document.createElement('canvas');
    [picture.width, picture.height] = [placement.width, placement.height];
    const context = picture.getContext('2d');
    if (!context) {
      throw new Error('the browser has no memory for a picture');
    }
    await this.#surface.setStack([imageId], 0);
    this.#surface.resemble(model, voi);
    const canvas = this.#surface.canvas;
    // What the browser made of the side that was asked for.
    const pixelsPerPoint = canvas.width / this.#element.clientWidth;
    const step = Math.hypot(...placement.right) * pixelsPerPoint;
    for (let y = 0; y < picture.height; y += canvas.height) {
      for (let x = 0; x < picture.width; x += canvas.width) {
        const middle: PicturePoint = pictureAt(placement, [x + canvas.width / 2, y + canvas.height / 2]);
        this.#surface.lookAt(middle, step);
        await this.#surface.drawn();
        if (this.#isGone) {
          throw new Error('the page was left');
        }
        context.drawImage(canvas, x, y);
      }
    }
    return picture;
  }

  destroy(): void {
    this.#isGone = true;
    this.#surface.destroy();
    this.#element.remove();
  }
}
