/**
 * A volume and the pictures of it: one rendering engine of one WebGL context, so that all of them draw from one texture.
 * What it takes of memory is given back when it is left.
 */
import { cache, Enums, eventTarget, getConfiguration, RenderingEngine, setConfiguration } from '@cornerstonejs/core';
import { uptakeWindow } from '../imaging/fusion';
import type { PlaneId } from '../imaging/reformat';
import type { Vector3 } from '../imaging/vector';
import { middleOf, nearestSource } from '../imaging/volumeGeometry';
import { automaticWindow, fullRange, type VoiWindow, windowOf } from '../imaging/window';
import { startEngine } from '../viewport/engine';
import type { OpenSeries, ViewStore } from '../viewport/viewState';
import { ModelView } from './modelView';
import { PlaneView } from './planeView';
import { VolumeLayer } from './volumeLayer';
import type { VolumeFrames } from './volumeLoading';
import type { VolumePicture, WholeVolume } from './volumePicture';
import { straightened, type VolumeStore, withActiveWindow } from './volumeState';

/** Between pictures while frames arrive: each costs as much as drawing all planes. */
const redrawMs = 300;

let engines = 0;

/** An engine of a single context: others would each need the texture once more. */
function newEngine(): RenderingEngine {
  const usual = getConfiguration();
  setConfiguration({ ...usual, rendering: { ...usual.rendering, webGlContextCount: 1 } });
  engines += 1;
  const engine = new RenderingEngine(`volume-engine-${engines}`);
  setConfiguration(usual);
  return engine;
}

/** Values at a point of the patient; undefined outside of a volume. */
export interface ValuesAt {
  readonly below: number | undefined;
  readonly above: number | undefined;
}

export class VolumeStage implements WholeVolume {
  readonly #store: VolumeStore;
  readonly #series: OpenSeries;
  readonly #engine: RenderingEngine;
  readonly #below: VolumeLayer;
  readonly #above: VolumeLayer | undefined;
  readonly #pictures = new Set<VolumePicture>();
  readonly #sizes: ResizeObserver;
  readonly #onLost: () => void;
  #redrawTimer: number | undefined;

  /** `onLost` is told when the graphics card gives up. Throws where there is no memory. */
  constructor(store: VolumeStore, below: VolumeFrames, above: VolumeFrames | undefined, onLost: () => void) {
    startEngine();
    this.#store = store;
    this.#series = below.series;
    this.#onLost = onLost;
    this.#below = new VolumeLayer(store, below, {
      changed: () => this.#redrawSoon(),
      first: (named) => store.setState(({ window }) => ({ window: window ?? named })),
    });
    try {
      this.#above = above && this.#layerAbove(above);
    } catch (error) {
      this.#below.destroy();
      throw error;
    }
    this.#engine = newEngine();
    this.#sizes = new ResizeObserver(() => this.#resize());
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
  }

  #layerAbove(frames: VolumeFrames): VolumeLayer {
    const suggest = (suggested: VoiWindow) =>
      this.#store.setState(({ above }) => (above ? { above: { ...above, window: above.window ?? suggested } } : {}));
    const isUptake = this.#store.getState().above?.unit === 'SUVbw';
    return new VolumeLayer(this.#store, frames, {
      changed: () => this.#redrawSoon(),
      first: (named) => suggest(isUptake ? uptakeWindow : named),
    });
  }

  valuesAt(point: Vector3): ValuesAt {
    return { below: this.#below.valueAt(point), above: this.#above?.valueAt(point) };
  }

  /** A plane in this element. */
  addPlane(element: HTMLDivElement, id: PlaneId, store: ViewStore): PlaneView {
    return this.#add(new PlaneView(this.#hostOf(element, store), id), element);
  }

  /** The whole in space, in this element. */
  addModel(element: HTMLDivElement, store: ViewStore): ModelView {
    return this.#add(new ModelView(this.#hostOf(element, store)), element);
  }

  #hostOf(element: HTMLDivElement, store: ViewStore) {
    return { engine: this.#engine, element, volume: this.#store, store, whole: this };
  }

  #add<Picture extends VolumePicture>(picture: Picture, element: HTMLDivElement): Picture {
    this.#pictures.add(picture);
    this.#sizes.observe(element);
    void picture.show(this.#below.id, this.#above?.id);
    return picture;
  }

  /** A picture that is not on the page any more. */
  remove(picture: VolumePicture): void {
    if (this.#pictures.delete(picture)) {
      picture.destroy();
    }
  }

  #redrawSoon(): void {
    this.#redrawTimer ??= window.setTimeout(() => {
      this.#redrawTimer = undefined;
      const { needed, loaded, failed } = this.#store.getState();
      for (const picture of this.#pictures) {
        // In space every voxel is drawn, which takes long: once, when all are there.
        if (picture instanceof PlaneView || loaded + failed === needed) {
          picture.redraw();
        }
      }
    }, redrawMs);
  }

  #resize(): void {
    this.#engine.resize(true, true);
    for (const picture of this.#pictures) {
      picture.look();
    }
  }

  /** The layer whose window the hand changes. */
  get #active(): VolumeLayer {
    return (this.#store.getState().above?.takesWindow ? this.#above : undefined) ?? this.#below;
  }

  showImageWindow(place = 0): void {
    if (this.#active !== this.#below) {
      this.showAutomaticWindow();
      return;
    }
    const { volume, cross } = this.#store.getState();
    const windows = this.#series.frames[nearestSource(volume, cross)?.frame ?? 0]?.windows ?? [];
    const window = windows[place] ?? windows[0];
    if (window) {
      this.#setWindow(window);
    } else {
      this.showAutomaticWindow();
    }
  }

  showFullRange(): void {
    const range = fullRange(this.#active.voxels, undefined);
    if (range) {
      this.#setWindow(windowOf(range));
    }
  }

  showAutomaticWindow(): void {
    this.#setWindow(automaticWindow(this.#active.voxels, undefined));
  }

  #setWindow(window: VoiWindow): void {
    this.#store.setState((state) => withActiveWindow(state, window));
  }

  reset(): void {
    this.#store.setState((state) => straightened(state, middleOf(state.volume)));
    this.showImageWindow();
  }

  readonly #onContextLost = (event: Event) => {
    const { renderingEngineId } = (event as CustomEvent<{ renderingEngineId: string }>).detail;
    // The cache went with the engine of the stacks, if that was it.
    if (renderingEngineId === this.#engine.id || !cache.getVolume(this.#below.id)) {
      this.#onLost();
    }
  };

  destroy(): void {
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    window.clearTimeout(this.#redrawTimer);
    this.#sizes.disconnect();
    for (const picture of this.#pictures) {
      this.remove(picture);
    }
    this.#engine.destroy();
    this.#below.destroy();
    this.#above?.destroy();
  }
}
