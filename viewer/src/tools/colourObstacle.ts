/** Colours have no values that a window could be made from. */
import type { ViewState } from '../viewport/viewState';
import type { Obstacle } from './types';

export function colourObstacle({ series, index }: ViewState): Obstacle | undefined {
  return series?.frames[index]?.isColour ? 'colourImage' : undefined;
}
