/** A window, or any other way from values to colours, put into the transfer function of a volume in a viewport. */
import type { Types } from '@cornerstonejs/core';
import { coloursOf } from '../imaging/palettes';
import { curveOf, rangeOf, type VoiWindow } from '../imaging/window';
import type { Above } from './volumeState';

export type VolumeActor = Types.VolumeActor;

/** The actor that draws a volume in a viewport; none before it was set. */
export function actorOf(viewport: Pick<Types.IVolumeViewport, 'getActors'>, volumeId: string): VolumeActor | undefined {
  return viewport.getActors().find(({ referencedId }) => referencedId === volumeId)?.actor as VolumeActor | undefined;
}

/** Draws by the curve of a window, whatever its function: the same points as in a stack. */
export function windowVolume(actor: VolumeActor, window: VoiWindow, isInverted: boolean): void {
  const nodes = curveOf(window).map(({ value, shade }) => {
    const grey = isInverted ? 1 - shade : shade;
    return { x: value, r: grey, g: grey, b: grey, midpoint: 0.5, sharpness: 0 };
  });
  actor.getProperty().getRGBTransferFunction(0).setNodes(nodes);
}

/** Of the window: below that, what lies above is seen through more and more. */
const fadeShare = 0.1;

/** Draws by a palette, as opaque as is wished; what is not bright at all is not seen, so that what lies below is. */
export function colourVolume(actor: VolumeActor, { palette, opacity, window }: Above): void {
  if (!window) {
    actor.setVisibility(false);
    return;
  }
  const range = rangeOf(window);
  const property = actor.getProperty();
  const nodes = coloursOf(palette, range).map(({ value, colour: [r, g, b] }) => ({
    ...{ x: value, r, g, b },
    ...{ midpoint: 0.5, sharpness: 0 },
  }));
  property.getRGBTransferFunction(0).setNodes(nodes);
  const points = property.getScalarOpacity(0);
  points.removeAllPoints();
  points.addPoint(range.lower, 0);
  points.addPoint(range.lower + fadeShare * (range.upper - range.lower), opacity);
  points.addPoint(range.upper, opacity);
  // Opacity is meant of a ray, not of a millimetre of it.
  property.setScalarOpacityUnitDistance(0, actor.getMapper()?.getSampleDistance() ?? 1);
  property.setShade(false);
  actor.setVisibility(true);
}
