/** What is seen of a volume, as data: where its planes cross, how they are turned, how thick they are, how it is windowed. */
import { createStore } from 'zustand/vanilla';
import type { PlaneOrientation } from '../imaging/orientation';
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
}

export const thinnest = 0;
export const thickest = 100;

export interface VolumeState {
  readonly volume: Volume;
  /** A point of the patient that all planes go through. */
  readonly cross: Vector3;
  readonly planes: Planes;
  /** Undefined while the whole volume is fitted to the screen. */
  readonly views: Readonly<Record<PlaneId, PlaneView | undefined>>;
  readonly slab: Slab;
  readonly model: Model;
  readonly window: VoiWindow | undefined;
  readonly isInverted: boolean;
  /** Frames: how many are needed, are here, and failed. */
  readonly needed: number;
  readonly loaded: number;
  readonly failed: number;
}

export type VolumeStore = ReturnType<typeof createVolumeStore>;

const fittedViews = { axial: undefined, sagittal: undefined, coronal: undefined } as const;

/** From the front. */
const standardModel = { plane: standardPlanes.coronal, view: undefined } as const;

export function createVolumeStore(volume: Volume, cross: Vector3, modality: string) {
  return createStore<VolumeState>()(() => ({
    volume,
    cross,
    planes: standardPlanes,
    views: fittedViews,
    slab: { mm: thinnest, projection: 'maximum' },
    model: { preset: firstPreset(modality), ...standardModel },
    window: undefined,
    isInverted: false,
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
