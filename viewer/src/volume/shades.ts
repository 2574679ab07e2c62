/** A window, or any other way from values to colours, put into the transfer function of a volume in a viewport. */
import type { Types } from '@cornerstonejs/core';
import { curveOf, type VoiWindow } from '../imaging/window';

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
