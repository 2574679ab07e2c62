/** One plane through the volume, as thick as the slab. */
import { Enums } from '@cornerstonejs/core';
import type { PlaneOrientation } from '../imaging/orientation';
import type { ScreenPoint } from '../imaging/placement';
import {
  cutDirection,
  fittedView,
  type PlaneId,
  planeIds,
  screenOf,
  type PlaneView as View,
} from '../imaging/reformat';
import { add, combine, type Vector3 } from '../imaging/vector';
import type { Dragging } from '../tools/types';
import { colourVolume, windowVolume } from './shades';
import { type PictureHost, VolumePicture } from './volumePicture';
import { type Projection, scrolled, type VolumeState, withCross, withTurned, withView } from './volumeState';

const blends: Readonly<Record<Projection, Enums.BlendModes>> = {
  maximum: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND,
  minimum: Enums.BlendModes.MINIMUM_INTENSITY_BLEND,
  mean: Enums.BlendModes.AVERAGE_INTENSITY_BLEND,
};

export class PlaneView extends VolumePicture {
  readonly #id: PlaneId;

  constructor(host: PictureHost, id: PlaneId) {
    super(host, `plane-${id}`, Enums.ViewportType.ORTHOGRAPHIC);
    this.#id = id;
  }

  protected get plane(): PlaneOrientation {
    return this.state.planes[this.#id];
  }

  protected get view(): View {
    const { views, volume } = this.state;
    return views[this.#id] ?? fittedView(volume.grid, this.plane, ...this.size);
  }

  protected get through(): Vector3 {
    return this.state.cross;
  }

  protected withView(state: VolumeState, view: View | undefined): Partial<VolumeState> {
    return withView(state, this.#id, view);
  }

  protected follow(state: VolumeState, before: VolumeState): void {
    if (state.window !== before.window || state.isInverted !== before.isInverted || state.above !== before.above) {
      this.colour();
    }
    if (
      state.cross !== before.cross ||
      state.planes !== before.planes ||
      state.views[this.#id] !== before.views[this.#id] ||
      state.slab !== before.slab
    ) {
      this.look();
    }
  }

  protected colour(): void {
    const { window, isInverted, above } = this.state;
    const [actor, actorAbove] = [this.actor(this.volumeId), this.actor(this.aboveId)];
    if (actorAbove && above) {
      colourVolume(actorAbove, above);
    }
    if (actor && window) {
      windowVolume(actor, window, isInverted);
      this.host.store.setState({ window, inverted: isInverted });
    }
    this.viewport.render();
  }

  override look(): void {
    super.look();
    if (this.volumeId !== undefined) {
      const { slab } = this.state;
      this.viewport.setBlendMode(slab.mm > 0 ? blends[slab.projection] : Enums.BlendModes.COMPOSITE);
      if (slab.mm === 0) {
        // Of one plane the brightest is all there is; blended along the ray, it would be as opaque as there are samples.
        this.actor(this.aboveId)
          ?.getMapper()
          ?.setBlendMode(blends.maximum as number);
      }
      // Cornerstone takes it to either side. It also has the slab follow a plane that was turned but not moved.
      this.viewport.setSlabThickness(slab.mm / 2);
    }
  }

  /** What the hand does that takes hold of this element: of the cross, of a line, or of what turns the planes. */
  grab(target: Element, toolId: string): Dragging | undefined {
    const hold = target.closest('[data-hold]')?.getAttribute('data-hold') ?? undefined;
    const line = planeIds.find((id) => id === hold);
    if (hold === undefined) {
      return undefined;
    }
    let hasMoved = false;
    return {
      drag: (_, { at, dx, dy }) => {
        hasMoved = true;
        if (hold === 'turn') {
          this.#turn([at[0] - dx, at[1] - dy], at);
        } else {
          this.#move(line, dx, dy);
        }
      },
      // Lines lie over what one points at: a click on them points as it does beside them.
      end: (view, isDone, at) => {
        if (isDone && !hasMoved && toolId === 'pointAt') {
          view.pointAt(at);
        }
      },
    };
  }

  #turn(from: ScreenPoint, to: ScreenPoint): void {
    const { placement } = this.host.store.getState();
    const middle = placement && screenOf(this.plane, placement, this.state.cross);
    if (middle) {
      const angle = ([x, y]: ScreenPoint) => Math.atan2(y - middle[1], x - middle[0]);
      this.change((state) => withTurned(state, this.#id, angle(to) - angle(from)));
    }
  }

  /** Moves the cross; held by a line, only that line moves. */
  #move(line: PlaneId | undefined, dx: number, dy: number): void {
    const { planes, cross } = this.state;
    // Along the line there is nothing to move.
    const [x, y] = line ? cutDirection(planes, this.#id, line) : [0, 0];
    const along = dx * x + dy * y;
    const { mmPerPixel } = this.view;
    const { row, column } = this.plane;
    const moved = combine(row, (dx - along * x) * mmPerPixel, column, (dy - along * y) * mmPerPixel);
    this.change((state) => withCross(state, add(cross, moved)));
  }

  scrollBy(steps: number): void {
    this.change((state) => scrolled(state, this.#id, steps));
  }

  pointAt(at: ScreenPoint): void {
    const target = this.patientAt(at);
    if (target) {
      this.change((state) => withCross(state, target));
    }
  }
}
