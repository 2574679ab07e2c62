/** What is seen of a volume, as data: where its planes cross, how they are turned, how thick they are, how it is windowed. */
import { createStore } from 'zustand/vanilla';
import type { Box } from '../imaging/crop';
import type { PlaneOrientation } from '../imaging/orientation';
import type { PaletteId } from '../imaging/palettes';
import {
  leafing,
  type PlaneId,
  type Planes,
  type PlaneView,
  standardPlanes,
  stepMm,
  turned,
} from '../imaging/reformat';
import { add, scale, type Vector3 } from '../imaging/vector';
import { clampedTo, type Volume } from '../imaging/volumeGeometry';
import type { VoiWindow } from '../imaging/window';
import { firstPreset, type ModelPreset } from './modelPresets';

/** What becomes of the voxels through the thickness of a slab. */
export const projections = ['maximum', 'minimum', 'mean'] as const;
export type Projection = (typeof projections)[number];

/** A slab; of no thickness it is one plane. */
export interface Slab {
  readonly mm: number;
  readonly projection: Projection;
}

/** How the volume is looked at in space. */
export interface Model {
  readonly preset: ModelPreset;
  readonly plane: PlaneOrientation;
  /** Undefined while the whole of it is fitted to the screen. */
  readonly view: PlaneView | undefined;
  /** What it is cut to; undefined while all of it is shown. */
  readonly crop: Box | undefined;
}

/** What is laid over the volume in colours. */
export interface Above {
  readonly volume: Volume;
  readonly modality: string;
  /** Of its values. */
  readonly unit: string;
  /** In that unit; undefined until something says what is bright. */
  readonly window: VoiWindow | undefined;
  readonly palette: PaletteId;
  /** From 0, where it is not seen, to 1, where nothing is seen below it. */
  readonly opacity: number;
  /** Whether the hand that changes a window changes this one. */
  readonly takesWindow: boolean;
}

export const thinnest = 0;
export const thickest = 100;

export interface VolumeState {
  readonly volume: Volume;
  readonly modality: string;
  /** A point of the patient that all planes go through. */
  readonly cross: Vector3;
  readonly planes: Planes;
  /** Undefined while the whole volume is fitted to the screen. */
  readonly views: Readonly<Record<PlaneId, PlaneView | undefined>>;
  readonly slab: Slab;
  readonly model: Model;
  readonly window: VoiWindow | undefined;
  readonly isInverted: boolean;
  readonly above: Above | undefined;
  /** Frames: how many are needed, are here, and failed. */
  readonly needed: number;
  readonly loaded: number;
  readonly failed: number;
}

export type VolumeStore = ReturnType<typeof createVolumeStore>;

const fittedViews = { axial: undefined, sagittal: undefined, coronal: undefined } as const;

/** From the front. */
const standardModel = { plane: standardPlanes.coronal, view: undefined, crop: undefined } as const;

export function createVolumeStore(volume: Volume, cross: Vector3, modality: string, above?: Above) {
  return createStore<VolumeState>()(() => ({
    volume,
    modality,
    cross,
    planes: standardPlanes,
    views: fittedViews,
    slab: { mm: thinnest, projection: 'maximum' },
    model: { preset: above ? 'above' : firstPreset(modality), ...standardModel },
    window: undefined,
    isInverted: false,
    above,
    needed: 0,
    loaded: 0,
    failed: 0,
  }));
}

/** The planes go through another point; it stays in the volume. */
export function withCross(state: VolumeState, cross: Vector3): Partial<VolumeState> {
  return { cross: clampedTo(state.volume.grid, cross) };
}

/** So many planes on. */
export function scrolled(state: VolumeState, id: PlaneId, steps: number): Partial<VolumeState> {
  const along = leafing(id, state.planes);
  return withCross(state, add(state.cross, scale(along, steps * stepMm(state.volume.grid, along))));
}

export function withTurned(state: VolumeState, within: PlaneId, radians: number): Partial<VolumeState> {
  return { planes: turned(state.planes, within, radians) };
}

export function withView(state: VolumeState, id: PlaneId, view: PlaneView | undefined): Partial<VolumeState> {
  return { views: { ...state.views, [id]: view } };
}

/** How many planes of a kind the volume has, for those who drag through it. */
export function planeCount({ volume: { grid }, planes }: VolumeState, id: PlaneId): number {
  const along = leafing(id, planes);
  const extent = grid.directions.reduce((sum, direction, axis) => {
    const share = Math.abs(direction[0] * along[0] + direction[1] * along[1] + direction[2] * along[2]);
    return sum + share * (grid.size[axis] ?? 0) * (grid.spacing[axis] ?? 0);
  }, 0);
  return Math.max(1, Math.round(extent / stepMm(grid, along)));
}

/** The window that the hand changes. */
export function activeWindow({ window, above }: VolumeState): VoiWindow | undefined {
  return above?.takesWindow ? above.window : window;
}

export function withActiveWindow({ above }: VolumeState, window: VoiWindow): Partial<VolumeState> {
  return above?.takesWindow ? { above: { ...above, window } } : { window };
}

/** As it was when the volume was opened, but for the window. */
export function straightened(state: VolumeState, cross: Vector3): Partial<VolumeState> {
  return {
    ...withCross(state, cross),
    planes: standardPlanes,
    views: fittedViews,
    model: { ...state.model, ...standardModel },
    isInverted: false,
  };
}
