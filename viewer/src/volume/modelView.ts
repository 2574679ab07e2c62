/** The volume in space, drawn by one of the presets. */
import { Enums } from '@cornerstonejs/core';
import vtkPlane from '@kitware/vtk.js/Common/DataModel/Plane';
import { type Box, boxOf, type FaceId, faceAt, faceIds, inward, middleOfFace, withFace } from '../imaging/crop';
import type { PlaneOrientation } from '../imaging/orientation';
import { fittedView, onPlane, orbited, type PlaneView } from '../imaging/reformat';
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
    const { plane, view, crop } = state.model;
    if (plane !== before.model.plane || view !== before.model.view || crop !== before.model.crop) {
      this.look();
    }
  }

  override look(): void {
    super.look();
    // Cornerstone takes the first two planes that cut a volume for those of a slab, and moves them with the camera.
    for (const id of [this.volumeId, this.aboveId]) {
      const mapper = this.actor(id)?.getMapper();
      if (mapper) {
        cut(mapper, this.state.model.crop);
      }
    }
    this.viewport.render();
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

  /** As far as the hand goes along the way on the screen that the face goes. */
  #moveFace(face: FaceId, dx: number, dy: number): void {
    this.change(({ model, volume }) => {
      const { crop, plane } = model;
      const [x, y] = onPlane(plane, inward(face));
      // A face that is seen from straight ahead has no way to go on the screen.
      const across = x * x + y * y;
      if (!crop || across < 0.01) {
        return {};
      }
      const mm = ((dx * x + dy * y) * this.view.mmPerPixel) / across;
      const along = inward(face).reduce((sum, part) => sum + part, 0);
      const moved = withFace(crop, boxOf(volume.grid), face, faceAt(crop, face) + along * mm);
      return { model: { ...model, crop: moved } };
    });
  }

  /** There is no place to point at, nor one to leaf to: the hand turns it, or moves a face of the box it is cut to. */
  grab(target: Element, toolId: string): Dragging | undefined {
    const held = target.closest('[data-face]')?.getAttribute('data-face');
    const face = faceIds.find((id) => id === held);
    if (face) {
      return { drag: (__, { dx, dy }) => this.#moveFace(face, dx, dy) };
    }
    return toolId === 'pointAt' || toolId === 'scroll' ? { drag: (__, { dx, dy }) => this.orbitBy(dx, dy) } : undefined;
  }
}

type Mapper = NonNullable<ReturnType<VolumeActor['getMapper']>>;

/** Shows only what is in the box. */
function cut(mapper: Mapper, crop: Box | undefined): void {
  mapper.removeAllClippingPlanes();
  if (crop) {
    for (const id of faceIds) {
      const [[ox, oy, oz], [nx, ny, nz]] = [middleOfFace(crop, id), inward(id)];
      mapper.addClippingPlane(vtkPlane.newInstance({ origin: [ox, oy, oz], normal: [nx, ny, nz] }));
    }
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
