/**
 * A volume and the pictures of it: one rendering engine of one WebGL context, so that all of them draw from one texture.
 * What it takes of memory is given back when it is left.
 */
import { cache, Enums, eventTarget, getConfiguration, RenderingEngine, setConfiguration } from '@cornerstonejs/core';
import { type DataSet, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { PlaneId } from '../imaging/reformat';
import type { Voxels } from '../imaging/volumeFiller';
import { middleOf, nearestSource } from '../imaging/volumeGeometry';
import { newVoxels } from '../imaging/voxelType';
import { automaticWindow, fullRange, type VoiWindow, windowOf } from '../imaging/window';
import { startEngine } from '../viewport/engine';
import { rangeOfImage, windowOfImage } from '../viewport/frameLoader';
import type { OpenSeries, ViewStore } from '../viewport/viewState';
import { ModelView } from './modelView';
import { PlaneView } from './planeView';
import { outsideValue, VolumeLoading } from './volumeLoading';
import type { VolumePicture, WholeVolume } from './volumePicture';
import { straightened, type VolumeStore } from './volumeState';
import { VolumeTexture } from './volumeTexture';

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

export class VolumeStage implements WholeVolume {
  readonly #store: VolumeStore;
  readonly #series: OpenSeries;
  readonly #engine: RenderingEngine;
  readonly #voxels: Voxels;
  readonly #texture: VolumeTexture;
  readonly #loading: VolumeLoading;
  readonly #pictures = new Set<VolumePicture>();
  readonly #sizes: ResizeObserver;
  readonly #onLost: () => void;
  #redrawTimer: number | undefined;

  /** `onLost` is told when the graphics card gives up. Throws where there is no memory. */
  constructor(store: VolumeStore, series: OpenSeries, metadata: readonly DataSet[], onLost: () => void) {
    startEngine();
    this.#store = store;
    this.#series = series;
    this.#onLost = onLost;
    const { volume } = store.getState();
    const uids = new Set<string>(volume.sources.flatMap(({ frame }) => series.frames[frame]?.sopInstanceUid ?? []));
    const [columns, rows, slices] = volume.grid.size;
    this.#voxels = newVoxels(
      metadata.filter((instance) => uids.has(text(instance, Tag.SopInstanceUid) ?? '')),
      columns * rows * slices,
    );
    this.#voxels.fill(outsideValue(series.modality));
    this.#texture = new VolumeTexture(volume, this.#voxels, series.modality);
    this.#engine = newEngine();
    this.#sizes = new ResizeObserver(() => this.#resize());
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    this.#loading = new VolumeLoading(store, series, metadata, this.#voxels, {
      changed: (changed) => {
        this.#texture.update(changed);
        this.#redrawSoon();
      },
      first: (image, frame) => {
        const named = series.frames[frame]?.windows[0] ?? windowOfImage(image) ?? windowOf(rangeOfImage(image));
        store.setState(({ window }) => ({ window: window ?? named }));
      },
    });
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
    void picture.show(this.#texture.id);
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

  showImageWindow(place = 0): void {
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
    const range = fullRange(this.#voxels, undefined);
    if (range) {
      this.#setWindow(windowOf(range));
    }
  }

  showAutomaticWindow(): void {
    this.#setWindow(automaticWindow(this.#voxels, undefined));
  }

  #setWindow(window: VoiWindow): void {
    this.#store.setState({ window });
  }

  reset(): void {
    this.#store.setState((state) => straightened(state, middleOf(state.volume)));
    this.showImageWindow();
  }

  readonly #onContextLost = (event: Event) => {
    const { renderingEngineId } = (event as CustomEvent<{ renderingEngineId: string }>).detail;
    // The cache went with the engine of the stacks, if that was it.
    if (renderingEngineId === this.#engine.id || !cache.getVolume(this.#texture.id)) {
      this.#onLost();
    }
  };

  destroy(): void {
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    window.clearTimeout(this.#redrawTimer);
    this.#sizes.disconnect();
    this.#loading.destroy();
    for (const picture of this.#pictures) {
      this.remove(picture);
    }
    this.#engine.destroy();
    this.#texture.destroy();
  }
}
