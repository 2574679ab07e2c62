/** The volume in space, drawn by one of the presets. */
import { Enums } from '@cornerstonejs/core';
import type { PlaneOrientation } from '../imaging/orientation';
import { fittedView, orbited, type PlaneView } from '../imaging/reformat';
import type { Vector3 } from '../imaging/vector';
import { middleOf } from '../imaging/volumeGeometry';
import { rangeOf } from '../imaging/window';
import type { Dragging } from '../tools/types';
import { cornerstonePresets } from './modelPresets';
import { colourVolume, type VolumeActor, windowVolume } from './shades';
import { type PictureHost, VolumePicture } from './volumePicture';
import type { VolumeState } from './volumeState';

/** Half a turn over so many pixels. */
const halfTurnPixels = 400;
/** Larger with every notch of the wheel. */
const notch = 1.1;

export class ModelView extends VolumePicture {
  constructor(host: PictureHost) {
    super(host, 'model', Enums.ViewportType.VOLUME_3D);
  }

  protected get plane(): PlaneOrientation {
    return this.state.model.plane;
  }

  protected get view(): PlaneView {
    const { volume, model } = this.state;
    return model.view ?? fittedView(volume.grid, model.plane, ...this.size);
  }

  protected get through(): Vector3 {
    return middleOf(this.state.volume);
  }

  protected withView({ model }: VolumeState, view: PlaneView | undefined): Partial<VolumeState> {
    return { model: { ...model, view } };
  }

  protected follow(state: VolumeState, before: VolumeState): void {
    if (
      state.window !== before.window ||
      state.isInverted !== before.isInverted ||
      state.above !== before.above ||
      state.model.preset !== before.model.preset
    ) {
      this.colour();
    }
    if (state.model.plane !== before.model.plane || state.model.view !== before.model.view) {
      this.look();
    }
  }

  protected colour(): void {
    const { window, isInverted, above, model } = this.state;
    const [actor, actorAbove] = [this.actor(this.volumeId), this.actor(this.aboveId)];
    const preset = cornerstonePresets[model.preset];
    if (!actor) {
      return;
    }
    const isAbove = model.preset === 'above' && above !== undefined && actorAbove !== undefined;
    actor.setVisibility(!isAbove);
    actorAbove?.setVisibility(false);
    if (isAbove) {
      actorAbove.getMapper()?.setBlendMode(Enums.BlendModes.MAXIMUM_INTENSITY_BLEND as number);
      colourVolume(actorAbove, { ...above, opacity: 1 });
      this.viewport.render();
      return;
    }
    // A viewport in space has no way to say that.
    const { MAXIMUM_INTENSITY_BLEND, COMPOSITE } = Enums.BlendModes;
    actor.getMapper()?.setBlendMode((model.preset === 'maximum' ? MAXIMUM_INTENSITY_BLEND : COMPOSITE) as number);
    if (preset !== undefined) {
      this.viewport.setProperties({ preset });
    } else if (window) {
      windowVolume(actor, window, isInverted);
      fade(actor, rangeOf(window), model.preset === 'maximum');
    }
    this.viewport.render();
  }

  scrollBy(steps: number): void {
    this.zoomBy(notch ** -steps);
  }

  orbitBy(dx: number, dy: number): void {
    const turn = Math.PI / halfTurnPixels;
    this.change(({ model }) => ({ model: { ...model, plane: orbited(model.plane, dx * turn, dy * turn) } }));
  }

  /** There is no place to point at, nor one to leaf to: the hand turns it. */
  grab(_: Element, toolId: string): Dragging | undefined {
    return toolId === 'pointAt' || toolId === 'scroll' ? { drag: (__, { dx, dy }) => this.orbitBy(dx, dy) } : undefined;
  }
}

/** What is dark is seen through; of what is bright the surface is lit, unless only the brightest counts. */
function fade(actor: VolumeActor, range: { lower: number; upper: number }, isFlat: boolean): void {
  const property = actor.getProperty();
  const opacity = property.getScalarOpacity(0);
  opacity.removeAllPoints();
  opacity.addPoint(isFlat ? range.lower : range.lower + 0.25 * (range.upper - range.lower), 0);
  opacity.addPoint(range.upper, isFlat ? 1 : 0.6);
  property.setUseGradientOpacity(0, false);
  property.setShade(!isFlat);
  property.setAmbient(0.25);
  property.setDiffuse(0.8);
  property.setSpecular(0.2);
}
