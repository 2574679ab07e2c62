/** One plane through the volume: a Cornerstone viewport that shows what the state says, and what tools do to it. */
import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import type { ScreenPoint } from '../imaging/placement';
import {
  fittedView,
  lookingAlong,
  type PlaneId,
  patientAt,
  planeLetters,
  planePlacement,
  type PlaneView as View,
  zoomed,
} from '../imaging/reformat';
import { add, combine, dot, scale, subtract, type Vector3 } from '../imaging/vector';
import { draggedWindow, type VoiWindow } from '../imaging/window';
import type { ImageView, ViewStore } from '../viewport/viewState';
import { actorOf, windowVolume } from './shades';
import { type Projection, scrolled, type VolumeState, type VolumeStore, withCross, withView } from './volumeState';

/** From the eye to the plane: anything, as the projection is parallel. */
const eyeMm = 1000;

const blends: Readonly<Record<Projection, Enums.BlendModes>> = {
  maximum: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND,
  minimum: Enums.BlendModes.MINIMUM_INTENSITY_BLEND,
  mean: Enums.BlendModes.AVERAGE_INTENSITY_BLEND,
};

/** What the tools of the page do to the whole volume, from whichever of its pictures. */
export interface WholeVolume {
  showImageWindow(place?: number): void;
  showFullRange(): void;
  showAutomaticWindow(): void;
  reset(): void;
}

export class PlaneView implements ImageView {
  readonly #engine: RenderingEngine;
  readonly #element: HTMLDivElement;
  readonly #id: PlaneId;
  readonly #viewportId: string;
  readonly #volume: VolumeStore;
  readonly #store: ViewStore;
  readonly #whole: WholeVolume;
  readonly #stop: () => void;
  #volumeId: string | undefined;

  constructor(
    engine: RenderingEngine,
    element: HTMLDivElement,
    id: PlaneId,
    volume: VolumeStore,
    store: ViewStore,
    whole: WholeVolume,
  ) {
    this.#engine = engine;
    this.#element = element;
    this.#id = id;
    this.#viewportId = `plane-${id}`;
    this.#volume = volume;
    this.#store = store;
    this.#whole = whole;
    engine.enableElement({
      viewportId: this.#viewportId,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element,
      defaultOptions: { background: [0, 0, 0] },
    });
    this.#stop = volume.subscribe((state, before) => this.#follow(state, before));
  }

  get #viewport(): Types.IVolumeViewport {
    return this.#engine.getViewport(this.#viewportId) as Types.IVolumeViewport;
  }

  async show(volumeId: string): Promise<void> {
    await this.#viewport.setVolumes([{ volumeId }]);
    this.#viewport.resetCamera();
    this.#volumeId = volumeId;
    this.#drawWindow();
    this.#place();
    this.#store.setState({ shown: true, everShown: true });
  }

  /** Draws anew: voxels have changed. */
  redraw(): void {
    this.#viewport.render();
  }

  #follow(state: VolumeState, before: VolumeState): void {
    if (state.window !== before.window || state.isInverted !== before.isInverted) {
      this.#drawWindow();
    }
    if (
      state.cross !== before.cross ||
      state.planes !== before.planes ||
      state.views[this.#id] !== before.views[this.#id] ||
      state.slab !== before.slab
    ) {
      this.#place();
    }
  }

  #drawWindow(): void {
    const { window, isInverted } = this.#volume.getState();
    const actor = this.#volumeId === undefined ? undefined : actorOf(this.#viewport, this.#volumeId);
    if (actor && window) {
      windowVolume(actor, window, isInverted);
      this.#store.setState({ window, inverted: isInverted });
      this.#viewport.render();
    }
  }

  get #size(): readonly [number, number] {
    return [this.#element.clientWidth, this.#element.clientHeight];
  }

  get #view(): View {
    const { views, volume, planes } = this.#volume.getState();
    return views[this.#id] ?? fittedView(volume.grid, planes[this.#id], ...this.#size);
  }

  /** Looks at the plane through the cross. */
  #place(): void {
    const [width, height] = this.#size;
    if (this.#volumeId === undefined || width === 0 || height === 0) {
      return;
    }
    const { cross, planes, slab } = this.#volume.getState();
    const [plane, view, viewport] = [planes[this.#id], this.#view, this.#viewport];
    const deep = lookingAlong(plane);
    const focus = add(view.middle, scale(deep, dot(subtract(cross, view.middle), deep)));
    viewport.setCamera({
      viewPlaneNormal: point(scale(deep, -1)),
      viewUp: point(scale(plane.column, -1)),
      position: point(subtract(focus, scale(deep, eyeMm))),
      focalPoint: point(focus),
      parallelScale: (height * view.mmPerPixel) / 2,
    });
    viewport.setBlendMode(slab.mm > 0 ? blends[slab.projection] : Enums.BlendModes.COMPOSITE);
    // Cornerstone takes it to either side. It also has the slab follow a plane that was turned but not moved.
    viewport.setSlabThickness(slab.mm / 2);
    viewport.render();
    this.#store.setState({
      placement: planePlacement(plane, view, width, height),
      letters: planeLetters(plane),
      mmPerPixel: view.mmPerPixel,
    });
  }

  /** The area has another size. */
  refit(): void {
    this.#place();
  }

  #change(change: (state: VolumeState) => Partial<VolumeState>): void {
    if (this.#volumeId !== undefined) {
      this.#volume.setState(change);
    }
  }

  #at(at: ScreenPoint): Vector3 | undefined {
    const { placement } = this.#store.getState();
    const { planes, cross } = this.#volume.getState();
    return placement && patientAt(planes[this.#id], placement, cross, at);
  }

  pointAt(at: ScreenPoint): void {
    const target = this.#at(at);
    if (target) {
      this.#change((state) => withCross(state, target));
    }
  }

  scrollBy(steps: number): void {
    this.#change((state) => scrolled(state, this.#id, steps));
  }

  setWindow(window: VoiWindow): void {
    this.#change(() => ({ window }));
  }

  dragWindow(dx: number, dy: number): void {
    this.#change(({ window }) => (window ? { window: draggedWindow(window, dx, dy) } : {}));
  }

  showImageWindow(place?: number): void {
    this.#whole.showImageWindow(place);
  }

  showFullRange(): void {
    this.#whole.showFullRange();
  }

  showAutomaticWindow(): void {
    this.#whole.showAutomaticWindow();
  }

  invert(): void {
    this.#change(({ isInverted }) => ({ isInverted: !isInverted }));
  }

  zoomBy(factor: number, at?: ScreenPoint): void {
    const about = at ? this.#at(at) : this.#view.middle;
    if (about) {
      this.#change((state) => withView(state, this.#id, zoomed(this.#view, factor, about)));
    }
  }

  panBy(dx: number, dy: number): void {
    const { planes } = this.#volume.getState();
    const { row, column } = planes[this.#id];
    const { middle, mmPerPixel } = this.#view;
    const moved = subtract(middle, combine(row, dx * mmPerPixel, column, dy * mmPerPixel));
    this.#change((state) => withView(state, this.#id, { middle: moved, mmPerPixel }));
  }

  fit(): void {
    this.#change((state) => withView(state, this.#id, undefined));
  }

  reset(): void {
    this.#whole.reset();
  }

  // What a plane that is computed has no use for; the tools for it are not offered.
  showFrame(): void {}
  retry(): void {}
  windowBy(): void {}
  outline(): void {}
  magnify(): void {}
  actualPixels(): void {}
  rotate(): void {}
  flip(): void {}
  setPlaying(): void {}
  setFrameRate(): void {}

  destroy(): void {
    this.#stop();
    this.#engine.disableElement(this.#viewportId);
  }
}

function point([x, y, z]: Vector3): Types.Point3 {
  return [x, y, z];
}
