/**
 * The magnifier: a round surface of its own over the picture, so that it shows the pixels of the image and not those of
 * the screen enlarged. There is one for all viewports, and it stays once it is made: taking a surface away leaves others
 * magnified (cornerstone3D issue 2909).
 */
import type { ScreenPoint } from '../imaging/placement';
import type { Surface } from './surface';

const times = 2;

interface Magnified {
  readonly model: Surface;
  readonly imageId: string;
  readonly at: ScreenPoint;
}

export class Loupe {
  readonly #element: HTMLDivElement;
  readonly #surface: Surface;
  #wanted: Magnified | undefined;
  #imageId: string | undefined;
  /** Whether the image is on the surface, and not still the one before. */
  #isReady = false;

  constructor(newSurface: (element: HTMLDivElement) => Surface) {
    this.#element = document.createElement('div');
    this.#element.dataset.testid = 'loupe';
    this.#element.ariaHidden = 'true';
    this.#element.className =
      'pointer-events-none invisible fixed z-40 size-60 overflow-hidden rounded-full border-2 border-accent bg-black';
    document.body.append(this.#element);
    this.#surface = newSurface(this.#element);
  }

  /** Magnifies what a surface shows of an image at a point of it. */
  async show(wanted: Magnified): Promise<void> {
    if (this.#imageId !== wanted.imageId) {
      this.hide();
      this.#wanted = wanted;
      this.#imageId = wanted.imageId;
      this.#isReady = false;
      await this.#surface.setStack([wanted.imageId], 0);
      this.#isReady = this.#imageId === wanted.imageId;
    } else {
      this.#wanted = wanted;
    }
    // The hand has moved on or let go meanwhile.
    if (this.#wanted && this.#isReady) {
      this.#draw(this.#wanted);
    }
  }

  #draw({ model, at }: Magnified): void {
    const { left, top } = model.bounds;
    const { offsetWidth, offsetHeight, style } = this.#element;
    style.left = `${left + at[0] - offsetWidth / 2}px`;
    style.top = `${top + at[1] - offsetHeight / 2}px`;
    this.#surface.magnify(model, at, times);
    this.#element.classList.remove('invisible');
  }

  hide(): void {
    this.#wanted = undefined;
    this.#element.classList.add('invisible');
  }

  destroy(): void {
    this.hide();
    this.#surface.destroy();
    this.#element.remove();
  }
}
