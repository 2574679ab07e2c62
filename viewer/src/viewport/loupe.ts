/**
 * The magnifier: a round surface of its own over the picture, so that it shows the pixels of the image and not those of
 * the screen enlarged. There is one for all viewports, and it stays once it is made: taking a surface away leaves others
 * magnified (cornerstone3D issue 2909).
 */
import type { ScreenPoint } from '../imaging/placement';
import type { Surface } from './surface';

const times = 2;

/** How far beside a finger, which is a centimetre wide. */
const besidePixels = 28;

export interface Magnified {
  readonly model: Surface;
  readonly imageId: string;
  readonly at: ScreenPoint;
  /** A finger lies on it. */
  readonly isCovered: boolean;
}

/** Where a box of this size lies beside a point of the page: above it, or at its side where there is no room above. */
function beside([x, y]: ScreenPoint, width: number, height: number): ScreenPoint {
  const above = y - besidePixels - height;
  if (above >= 0) {
    return [Math.min(Math.max(x - width / 2, 0), window.innerWidth - width), above];
  }
  const left = x - besidePixels - width;
  return [left >= 0 ? left : x + besidePixels, Math.max(y - height / 2, 0)];
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
      'group pointer-events-none invisible fixed z-40 size-60 overflow-hidden rounded-full border-2 border-accent bg-black pointer-coarse:size-36';
    document.body.append(this.#element);
    this.#surface = newSurface(this.#element);
    const cross = document.createElement('div');
    cross.className =
      'absolute inset-0 z-10 hidden bg-[linear-gradient(currentColor,currentColor),linear-gradient(currentColor,currentColor)] bg-[size:1px_40%,40%_1px] bg-center bg-no-repeat text-accent group-data-aimed:block';
    this.#element.append(cross);
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

  #draw({ model, at, isCovered }: Magnified): void {
    const { left, top } = model.bounds;
    const { offsetWidth: width, offsetHeight: height, style } = this.#element;
    const point: ScreenPoint = [left + at[0], top + at[1]];
    const [x, y] = isCovered ? beside(point, width, height) : [point[0] - width / 2, point[1] - height / 2];
    style.left = `${x}px`;
    style.top = `${y}px`;
    // What is drawn over the picture is not in the loupe: a cross says which place is meant.
    this.#element.toggleAttribute('data-aimed', isCovered);
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
