/** Which tools leave the bar for its menu where there is no room for all. */
import { actualPixels } from '../tools/actualPixels';
import { angle } from '../tools/angle';
import { annotationList } from '../tools/annotationList';
import { arrow } from '../tools/arrow';
import { attributes } from '../tools/attributes';
import { autoWindow } from '../tools/autoWindow';
import { cine } from '../tools/cine';
import { comparePrior } from '../tools/comparePrior';
import { copyImage } from '../tools/copyImage';
import { ellipse } from '../tools/ellipse';
import { exportImage } from '../tools/exportImage';
import { fit } from '../tools/fit';
import { flipHorizontal } from '../tools/flipHorizontal';
import { flipVertical } from '../tools/flipVertical';
import { fullScreen } from '../tools/fullScreen';
import { invert } from '../tools/invert';
import { keyImage } from '../tools/keyImage';
import { labels } from '../tools/labels';
import { length } from '../tools/length';
import { linkHere } from '../tools/linkHere';
import { magnifier } from '../tools/magnifier';
import { oneUp } from '../tools/oneUp';
import { overlays } from '../tools/overlays';
import { pointAt } from '../tools/pointAt';
import { print } from '../tools/print';
import { referenceLines } from '../tools/referenceLines';
import { regionWindow } from '../tools/regionWindow';
import { reset } from '../tools/reset';
import { rotateLeft } from '../tools/rotateLeft';
import { rotateRight } from '../tools/rotateRight';
import type { Tool } from '../tools/types';
import { volume } from '../tools/volume';

/** Those that are missed least first. Tools that are not here go last, from the end of the bar. */
const yieldsFirst: readonly Tool[] = [
  flipVertical,
  linkHere,
  copyImage,
  flipHorizontal,
  rotateRight,
  rotateLeft,
  fullScreen,
  labels,
  actualPixels,
  overlays,
  arrow,
  pointAt,
  autoWindow,
  referenceLines,
  ellipse,
  magnifier,
  angle,
  keyImage,
  oneUp,
  exportImage,
  attributes,
  regionWindow,
  annotationList,
  comparePrior,
  fit,
  cine,
  length,
  volume,
  reset,
  invert,
  print,
];

/** Of these tools of the bar, in its order, those that are not among the `places` that stay. */
export function yielding(onBar: readonly Tool[], places: number): ReadonlySet<Tool> {
  const rest = onBar.filter((tool) => !yieldsFirst.includes(tool)).reverse();
  const order = [...yieldsFirst.filter((tool) => onBar.includes(tool)), ...rest];
  return new Set(order.slice(0, Math.max(0, onBar.length - Math.max(0, places))));
}

/** How many buttons have room beside what always stays, all in pixels; if that is not all, the menu needs room, too. */
export function placesFor(room: number, wanted: number, button: number, menu: number): number {
  const all = Math.floor(room / button);
  return all >= wanted ? wanted : Math.max(0, Math.floor((room - menu) / button));
}
