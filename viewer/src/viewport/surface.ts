/**
 * The surface that is drawn on: one Cornerstone viewport, how it is windowed, zoomed, moved and turned. It knows nothing
 * of series and of the network.
 */
import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import type { PicturePoint } from '../imaging/imagePlane';
import type { ScreenDirection } from '../imaging/orientation';
import { type Placement, pictureAt, type ScreenPoint, screenAt } from '../imaging/placement';
import type { Posture } from '../imaging/posture';
import { curveOf, isStraight, type ShadePoint, shade, type VoiWindow } from '../imaging/window';
import type { Arrangement, Stance } from './viewState';

const changes = [Enums.Events.CAMERA_MODIFIED, Enums.Events.STACK_NEW_IMAGE, Enums.Events.IMAGE_RENDERED];
/** Of the whole picture in the area: pictures of a few pixels are much larger there. */
const [leastZoom, mostZoom] = [0.01, 40];
/** Of values of 16 bits. */
const mostShades = 0x1_0000;
let surfaces = 0;
let tables = 0;

/** Cornerstone takes a table of shades from images only; drawn by the processor there is no other curve than a line. */
interface DrawnByProcessor {
  readonly _cpuFallbackEnabledElement?: {
    readonly viewport?: { voiLUT?: { id: string; firstValueMapped: number; lut: number[] } };
  };
}

interface Turned {
  readonly rotation: number;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
}

export class Surface {
  readonly #element: HTMLDivElement;
  readonly #engine: RenderingEngine;
  readonly #viewportId: string;
  readonly #cpu: boolean;
  readonly #onChange: () => void;
  #hasStack = false;
  #window: VoiWindow | undefined;
  /** Whether the whole picture fills the area, as long as the reader has not zoomed or moved it. */
  #isFitted = true;
  #posture: Posture | undefined;
  /** What is fitted in place of the picture itself, in its columns and rows. */
  #extent: readonly [columns: number, rows: number] | undefined;

  /** `onChange` is told of whatever changes where the picture lies. */
  constructor(engine: RenderingEngine, element: HTMLDivElement, cpu: boolean, onChange: () => void) {
    surfaces += 1;
    this.#viewportId = `viewport-${surfaces}`;
    this.#engine = engine;
    this.#element = element;
    this.#cpu = cpu;
    this.#onChange = onChange;
    engine.enableElement({
      viewportId: this.#viewportId,
      type: Enums.ViewportType.STACK,
      element,
      defaultOptions: { background: [0, 0, 0] },
    });
    for (const event of changes) {
      element.addEventListener(event, onChange);
    }
  }

  get #viewport(): Types.IStackViewport {
    return this.#engine.getViewport(this.#viewportId) as Types.IStackViewport;
  }

  /** Whether frames of the present stack may be shown by their index. */
  get hasStack(): boolean {
    return this.#hasStack;
  }

  /** The present stack is done with; its last picture stays until another is set. */
  leaveStack(): void {
    this.#hasStack = false;
  }

  async setStack(imageIds: string[], index: number): Promise<void> {
    this.#hasStack = true;
    await this.#viewport.setStack(imageIds, index);
  }

  async setFrame(index: number): Promise<void> {
    await this.#viewport.setImageIdIndex(index);
  }

  /** Fitted, in this polarity and posture: what an earlier series was set to does not carry over. */
  straighten(inverted: boolean, posture?: Posture): void {
    const viewport = this.#viewport;
    viewport.setProperties({ invert: inverted });
    viewport.setCamera({ flipHorizontal: false, flipVertical: false });
    viewport.setViewPresentation({ rotation: 0 });
    this.#posture = posture;
    const { flipHorizontal = false, flipVertical = false } = posture ?? {};
    this.#fitTurned({ rotation: 0, flipHorizontal, flipVertical });
  }

  /** Laid as somebody else arranged it. */
  arrange({ isInverted, rotation, isFlipped, area }: Arrangement): void {
    this.straighten(isInverted);
    // Cornerstone flips before it turns.
    const turned = isFlipped ? (360 - rotation) % 360 : rotation;
    this.#fitTurned({ rotation: turned, flipHorizontal: isFlipped, flipVertical: false });
    const placement = this.placement();
    const corners = area && placement && [area.topLeft, area.bottomRight].map((corner) => screenAt(placement, corner));
    const [first, last] = corners ?? [];
    if (!area || !placement || !first || !last) {
      return;
    }
    const [width, height] = [Math.abs(last[0] - first[0]), Math.abs(last[1] - first[1])];
    const step = Math.hypot(...placement.right);
    const fits = Math.min(placement.width / width, placement.height / height);
    const { topLeft, bottomRight, magnification } = area;
    this.lookAt(
      [(topLeft[0] + bottomRight[0]) / 2, (topLeft[1] + bottomRight[1]) / 2],
      magnification === undefined ? step / fits : 1 / magnification,
    );
  }

  /** Fits pictures of this many columns and rows instead, so that several are of one size; nothing changes by itself. */
  setExtent(extent: readonly [columns: number, rows: number] | undefined): void {
    this.#extent = extent;
  }

  setWindow(window: VoiWindow): void {
    this.#window = window;
    const viewport = this.#viewport;
    const curve = curveOf(window);
    const voiRange = { lower: curve[0]?.value ?? 0, upper: curve.at(-1)?.value ?? 1 };
    const isLine = isStraight(window);
    if (this.#cpu) {
      viewport.setProperties({ voiRange });
      this.#bendForProcessor(isLine ? undefined : window);
    } else {
      const { LINEAR, SAMPLED_SIGMOID } = Enums.VOILUTFunctionType;
      // Cornerstone's sigmoid is half a value off, and one wider. But with it every window has a function of its own.
      viewport.setProperties({ voiRange, VOILUTFunction: isLine ? LINEAR : SAMPLED_SIGMOID });
      if (!isLine) {
        this.#bend(curve);
      }
    }
    viewport.render();
  }

  /** Has the graphics card draw by these points. */
  #bend(curve: readonly ShadePoint[]): void {
    const actor = this.#viewport.getDefaultActor()?.actor as Types.ImageActor | undefined;
    const isInverted = this.isInverted;
    const nodes = curve.map(({ value, shade }) => {
      const grey = isInverted ? 1 - shade : shade;
      return { x: value, r: grey, g: grey, b: grey, midpoint: 0.5, sharpness: 0 };
    });
    actor?.getProperty().getRGBTransferFunction(0)?.setNodes(nodes);
  }

  /** Has the processor draw by a table of the shades of all values, or by a line again. */
  #bendForProcessor(window: VoiWindow | undefined): void {
    const { viewport } = (this.#viewport as unknown as DrawnByProcessor)._cpuFallbackEnabledElement ?? {};
    const image = this.#viewport.getCornerstoneImage() as Types.IImage | undefined;
    if (!viewport || !image) {
      return;
    }
    const { minPixelValue: first, maxPixelValue: last } = image;
    if (!window || last - first >= mostShades) {
      delete viewport.voiLUT;
      return;
    }
    // The last entry stands for no value: from the largest one Cornerstone guesses the bits.
    const shades = Array.from({ length: last - first + 1 }, (_, at) => Math.round(shade(window, first + at) * 0xffff));
    tables += 1;
    viewport.voiLUT = { id: `${tables}`, firstValueMapped: first, lut: [...shades, 0xffff] };
  }

  get isInverted(): boolean {
    return this.#viewport.getProperties().invert === true;
  }

  invert(): void {
    this.#viewport.setProperties({ invert: !this.isInverted });
    this.#viewport.render();
  }

  zoomBy(factor: number, at?: readonly [number, number]): void {
    this.#isFitted = false;
    const viewport = this.#viewport;
    const point: Types.Point2 = at ? [at[0], at[1]] : this.#still;
    const world = viewport.canvasToWorld(point);
    viewport.setZoom(Math.min(Math.max(viewport.getZoom() * factor, leastZoom), mostZoom));
    // The point under the pointer stays where it is.
    const moved = viewport.worldToCanvas(world);
    this.panBy(point[0] - moved[0], point[1] - moved[1]);
  }

  /** What stays where it is when nothing is pointed at: the middle, or the chest wall of a mammogram that lies at its edge. */
  get #still(): Types.Point2 {
    const { clientWidth: width, clientHeight: height } = this.#element;
    const edge = this.#posture?.chestWall === 'left' ? 0 : width;
    const isAtEdge = this.#isPostureKept && Math.abs(this.#beyondEdge()) < 1;
    return [isAtEdge ? edge : width / 2, height / 2];
  }

  panBy(dx: number, dy: number): void {
    this.#isFitted = false;
    this.#moveBy(dx, dy);
    this.#viewport.render();
  }

  #moveBy(dx: number, dy: number): void {
    const pan = this.#viewport.getPan();
    this.#viewport.setPan([pan[0] + dx, pan[1] + dy]);
  }

  /** The whole picture in the area, turned and flipped as it is. */
  fit(): void {
    const { rotation = 0, flipHorizontal = false, flipVertical = false } = this.#viewport.getViewPresentation();
    this.#fitTurned({ rotation, flipHorizontal, flipVertical });
  }

  #fitTurned(turned: Turned): void {
    const viewport = this.#viewport;
    this.#isFitted = true;
    viewport.resetCamera();
    viewport.setViewPresentation({ ...turned });
    this.#fitExtent(turned.rotation % 180 !== 0);
    if (this.#isPostureKept) {
      this.#moveBy(-this.#beyondEdge(), 0);
    }
    viewport.render();
  }

  /** Whether there is a posture, and the reader has left the picture in it. */
  get #isPostureKept(): boolean {
    const posture = this.#posture;
    const { rotation = 0, flipHorizontal = false, flipVertical = false } = this.#viewport.getViewPresentation();
    return (
      posture !== undefined &&
      rotation === 0 &&
      flipHorizontal === posture.flipHorizontal &&
      flipVertical === posture.flipVertical
    );
  }

  #fitExtent(isOnItsSide: boolean): void {
    const placement = this.#extent && this.placement();
    if (this.#extent && placement) {
      const [columns, rows] = isOnItsSide ? [this.#extent[1], this.#extent[0]] : this.#extent;
      const wanted = Math.max(columns / placement.width, rows / placement.height);
      this.#viewport.setZoom((this.#viewport.getZoom() * Math.hypot(...placement.right)) / wanted);
    }
  }

  /** How far the chest wall is to the right of the edge it belongs to, in pixels of the screen. */
  #beyondEdge(): number {
    const placement = this.placement();
    const { dimensions } = this.#viewport.getImageData() ?? {};
    const ends = [-0.5, (dimensions?.[0] ?? 0) - 0.5].flatMap((column) => {
      const at = placement && screenAt(placement, [column, 0]);
      return at ? [at[0]] : [];
    });
    if (!placement || ends.length < 2) {
      return 0;
    }
    return this.#posture?.chestWall === 'left' ? Math.min(...ends) : Math.max(...ends) - placement.width;
  }

  rotate(degrees: 90 | -90): void {
    const rotation = this.#viewport.getViewPresentation().rotation ?? 0;
    this.#viewport.setViewPresentation({ rotation: (rotation + degrees + 360) % 360 });
    this.#viewport.render();
  }

  flip(axis: 'horizontal' | 'vertical'): void {
    const { flipHorizontal, flipVertical } = this.#viewport.getCamera();
    this.#viewport.setCamera(
      axis === 'horizontal' ? { flipHorizontal: !flipHorizontal } : { flipVertical: !flipVertical },
    );
    this.#viewport.render();
  }

  /** How the picture lies. */
  get stance(): Stance {
    const { rotation = 0, flipHorizontal = false, flipVertical = false } = this.#viewport.getViewPresentation();
    const turned = { rotation, flipHorizontal, flipVertical };
    const placement = this.#isFitted ? undefined : this.placement();
    return placement
      ? {
          turned,
          looked: {
            middle: pictureAt(placement, [placement.width / 2, placement.height / 2]),
            step: Math.hypot(...placement.right),
          },
        }
      : { turned };
  }

  /** Lays the picture so. */
  take({ turned, looked }: Stance): void {
    this.#fitTurned(turned);
    if (looked) {
      this.lookAt(looked.middle, looked.step);
    }
  }

  get bounds(): DOMRect {
    return this.#element.getBoundingClientRect();
  }

  /** Is inverted, turned and flipped as another surface, and windowed as it or by a window of its own. */
  resemble(model: Surface, window = model.#window): void {
    const viewport = this.#viewport;
    viewport.setProperties({ invert: model.isInverted });
    if (window) {
      this.setWindow(window);
    }
    const { rotation, flipHorizontal, flipVertical } = model.#viewport.getViewPresentation();
    viewport.setViewPresentation({
      rotation: rotation ?? 0,
      flipHorizontal: flipHorizontal ?? false,
      flipVertical: flipVertical ?? false,
    });
  }

  /** Has this point of the picture in the middle, and so many steps of the picture along a pixel of the screen. */
  lookAt(point: PicturePoint, step: number): void {
    const ours = this.placement();
    if (ours) {
      this.#viewport.setZoom((this.#viewport.getZoom() * Math.hypot(...ours.right)) / step);
    }
    const zoomed = this.placement();
    const there = zoomed && screenAt(zoomed, point);
    if (there) {
      const { clientWidth, clientHeight } = this.#element;
      this.panBy(clientWidth / 2 - there[0], clientHeight / 2 - there[1]);
    }
  }

  /** Looks as another surface that shows the same image does, so many times larger, with a point of it in the middle. */
  magnify(model: Surface, at: ScreenPoint, times: number): void {
    this.resemble(model);
    const theirs = model.placement();
    if (theirs) {
      this.lookAt(pictureAt(theirs, at), Math.hypot(...theirs.right) / times);
    }
  }

  get canvas(): HTMLCanvasElement {
    return this.#viewport.getCanvas();
  }

  /** Waits until what was set last is on the canvas. */
  drawn(): Promise<void> {
    return new Promise((resolve) => {
      this.#element.addEventListener(Enums.Events.IMAGE_RENDERED, () => resolve(), { once: true });
      this.#viewport.render();
    });
  }

  /** Where the picture lies now, read off the viewport: the truth of the screen, whatever was turned or flipped. */
  placement(): Placement | undefined {
    const viewport = this.#viewport;
    const image = this.#hasStack ? viewport.getImageData() : undefined;
    if (!image) {
      return undefined;
    }
    const { direction, spacing, origin } = image;
    const pictureAt = (point: Types.Point2): [number, number] => {
      const world = viewport.canvasToWorld(point);
      const component = (offset: number, step: number) =>
        ((world[0] - origin[0]) * (direction[offset] ?? 0) +
          (world[1] - origin[1]) * (direction[offset + 1] ?? 0) +
          (world[2] - origin[2]) * (direction[offset + 2] ?? 0)) /
        (step || 1);
      return [component(0, spacing[0]), component(3, spacing[1])];
    };
    // A long way on the screen, so that rounding does not count.
    const distance = 100;
    const corner = pictureAt([0, 0]);
    const along = (point: Types.Point2): ScreenDirection => {
      const there = pictureAt(point);
      return [(there[0] - corner[0]) / distance, (there[1] - corner[1]) / distance];
    };
    return {
      corner,
      right: along([distance, 0]),
      down: along([0, distance]),
      width: this.#element.clientWidth,
      height: this.#element.clientHeight,
    };
  }

  /** The whole picture stays in the area that has another size now, unless the reader zoomed or moved it. */
  refit(): void {
    if (this.#isFitted && this.#hasStack && this.#element.clientWidth > 0 && this.#element.clientHeight > 0) {
      this.fit();
    }
  }

  destroy(): void {
    for (const event of changes) {
      this.#element.removeEventListener(event, this.#onChange);
    }
    this.#engine.disableElement(this.#viewportId);
  }
}
