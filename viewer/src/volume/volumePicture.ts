/** A picture of the volume on the screen, be it a plane or the whole in space: what both have in common. */
import type { Enums, RenderingEngine, Types } from '@cornerstonejs/core';
import type { PlaneOrientation } from '../imaging/orientation';
import type { Placement, ScreenPoint } from '../imaging/placement';
import { lookingAlong, type PlaneView, patientAt, planeLetters, planePlacement, zoomed } from '../imaging/reformat';
import { add, combine, dot, scale, subtract, type Vector3 } from '../imaging/vector';
import { draggedWindow, type VoiWindow } from '../imaging/window';
import type { Dragging } from '../tools/types';
import type { ImageView, ViewStore } from '../viewport/viewState';
import { actorOf, type VolumeActor } from './shades';
import { activeWindow, type VolumeState, type VolumeStore, withActiveWindow } from './volumeState';

/** From the eye to what is looked at: anything, as the projection is parallel. */
const eyeMm = 1000;

/** What the tools of the page do to the whole volume, from whichever of its pictures. */
export interface WholeVolume {
  showImageWindow(place?: number): void;
  showFullRange(): void;
  showAutomaticWindow(): void;
  reset(): void;
}

/** What a picture needs, and where it is. */
export interface PictureHost {
  readonly engine: RenderingEngine;
  readonly element: HTMLDivElement;
  readonly volume: VolumeStore;
  readonly store: ViewStore;
  readonly whole: WholeVolume;
}

export abstract class VolumePicture implements ImageView {
  protected readonly host: PictureHost;
  readonly #viewportId: string;
  readonly #stop: () => void;
  protected volumeId: string | undefined;
  protected aboveId: string | undefined;

  constructor(host: PictureHost, viewportId: string, type: Enums.ViewportType) {
    this.host = host;
    this.#viewportId = viewportId;
    host.engine.enableElement({
      viewportId,
      type,
      element: host.element,
      defaultOptions: { background: [0, 0, 0], parallelProjection: true },
    });
    this.#stop = host.volume.subscribe((state, before) => {
      if (this.volumeId !== undefined) {
        this.follow(state, before);
      }
    });
  }

  protected get viewport(): Types.IVolumeViewport {
    return this.host.engine.getViewport(this.#viewportId) as Types.IVolumeViewport;
  }

  protected get state(): VolumeState {
    return this.host.volume.getState();
  }

  protected get size(): readonly [number, number] {
    return [this.host.element.clientWidth, this.host.element.clientHeight];
  }

  async show(volumeId: string, aboveId: string | undefined): Promise<void> {
    await this.viewport.setVolumes([volumeId, aboveId].flatMap((id) => (id === undefined ? [] : [{ volumeId: id }])));
    this.viewport.resetCamera();
    this.volumeId = volumeId;
    this.aboveId = aboveId;
    this.colour();
    this.look();
    this.host.store.setState({ shown: true, everShown: true });
  }

  protected actor(id: string | undefined): VolumeActor | undefined {
    return id === undefined ? undefined : actorOf(this.viewport, id);
  }

  /** How it is looked at. */
  protected abstract get plane(): PlaneOrientation;
  protected abstract get view(): PlaneView;
  /** A point at the depth that is looked at. */
  protected abstract get through(): Vector3;
  protected abstract withView(state: VolumeState, view: PlaneView | undefined): Partial<VolumeState>;
  /** The state has changed. */
  protected abstract follow(state: VolumeState, before: VolumeState): void;
  /** Puts the window, or what stands in its place, into the picture. */
  protected abstract colour(): void;
  abstract scrollBy(steps: number): void;
  /** What the left button does at this element in place of the tool that is chosen. */
  abstract grab(target: Element, toolId: string): Dragging | undefined;

  /** Draws anew: voxels have changed. */
  redraw(): void {
    this.viewport.render();
  }

  /** Has the camera look as the state says. */
  look(): void {
    const [width, height] = this.size;
    if (this.volumeId === undefined || width === 0 || height === 0) {
      return;
    }
    const { plane, view } = this;
    const deep = lookingAlong(plane);
    const focus = add(view.middle, scale(deep, dot(subtract(this.through, view.middle), deep)));
    this.viewport.setCamera({
      viewPlaneNormal: point(scale(deep, -1)),
      viewUp: point(scale(plane.column, -1)),
      position: point(subtract(focus, scale(deep, eyeMm))),
      focalPoint: point(focus),
      parallelScale: (height * view.mmPerPixel) / 2,
    });
    this.viewport.render();
    this.host.store.setState({
      placement: planePlacement(plane, view, width, height),
      letters: planeLetters(plane),
      mmPerPixel: view.mmPerPixel,
    });
  }

  protected change(change: (state: VolumeState) => Partial<VolumeState>): void {
    if (this.volumeId !== undefined) {
      this.host.volume.setState(change);
    }
  }

  patientAt(at: ScreenPoint): Vector3 | undefined {
    const placement: Placement | undefined = this.host.store.getState().placement;
    return placement && patientAt(this.plane, placement, this.through, at);
  }

  setWindow(window: VoiWindow): void {
    this.change((state) => withActiveWindow(state, window));
  }

  dragWindow(dx: number, dy: number): void {
    this.change((state) => {
      const window = activeWindow(state);
      return window ? withActiveWindow(state, draggedWindow(window, dx, dy)) : {};
    });
  }

  showImageWindow(place?: number): void {
    this.host.whole.showImageWindow(place);
  }

  showFullRange(): void {
    this.host.whole.showFullRange();
  }

  showAutomaticWindow(): void {
    this.host.whole.showAutomaticWindow();
  }

  invert(): void {
    this.change(({ isInverted }) => ({ isInverted: !isInverted }));
  }

  zoomBy(factor: number, at?: ScreenPoint): void {
    const about = at ? this.patientAt(at) : this.view.middle;
    if (about) {
      this.change((state) => this.withView(state, zoomed(this.view, factor, about)));
    }
  }

  panBy(dx: number, dy: number): void {
    const { row, column } = this.plane;
    const { middle, mmPerPixel } = this.view;
    const moved = subtract(middle, combine(row, dx * mmPerPixel, column, dy * mmPerPixel));
    this.change((state) => this.withView(state, { middle: moved, mmPerPixel }));
  }

  fit(): void {
    this.change((state) => this.withView(state, undefined));
  }

  reset(): void {
    this.host.whole.reset();
  }

  // What a picture that is computed has no use for; the tools for it are not offered.
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
    this.host.engine.disableElement(this.#viewportId);
  }
}

function point([x, y, z]: Vector3): Types.Point3 {
  return [x, y, z];
}
