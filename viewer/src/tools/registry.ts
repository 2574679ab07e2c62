/** Every tool, in the order of the toolbar. A new tool is one file and one line here. */
import type { ReadingState } from '../viewport/readingState';
import type { ViewState } from '../viewport/viewState';
import { actualPixels } from './actualPixels';
import { angle } from './angle';
import { annotationList } from './annotationList';
import { arrow } from './arrow';
import { attributes } from './attributes';
import { autoWindow } from './autoWindow';
import { bidirectional } from './bidirectional';
import { calibration } from './calibration';
import { cardiothoracic } from './cardiothoracic';
import { cine } from './cine';
import { cobb } from './cobb';
import { comparePrior } from './comparePrior';
import { copyImage } from './copyImage';
import { ellipse } from './ellipse';
import { emptyViewport } from './emptyViewport';
import { exportImage } from './exportImage';
import { firstImage } from './firstImage';
import { fit } from './fit';
import { flipHorizontal } from './flipHorizontal';
import { flipVertical } from './flipVertical';
import { freehand } from './freehand';
import { fullScreen } from './fullScreen';
import { help } from './help';
import { invert } from './invert';
import { keyImage } from './keyImage';
import { labels } from './labels';
import { lastImage } from './lastImage';
import { length } from './length';
import { link } from './link';
import { linkHere } from './linkHere';
import { magnifier } from './magnifier';
import { nextImage } from './nextImage';
import { nextSeries } from './nextSeries';
import { nextStage } from './nextStage';
import { nextViewport } from './nextViewport';
import { oneUp } from './oneUp';
import { overlays } from './overlays';
import { pan } from './pan';
import { pointAt } from './pointAt';
import { previousImage } from './previousImage';
import { previousSeries } from './previousSeries';
import { previousStage } from './previousStage';
import { previousViewport } from './previousViewport';
import { print } from './print';
import { probe } from './probe';
import { rectangle } from './rectangle';
import { referenceLines } from './referenceLines';
import { regionWindow } from './regionWindow';
import { reset } from './reset';
import { rotateLeft } from './rotateLeft';
import { rotateRight } from './rotateRight';
import { scroll } from './scroll';
import { spine } from './spine';
import { text } from './text';
import type { DragTool, Tool, ToolContext } from './types';
import { volume } from './volume';
import { windowLevel } from './windowLevel';
import { zoom } from './zoom';
import { zoomIn } from './zoomIn';
import { zoomOut } from './zoomOut';

export const tools: readonly Tool[] = [
  scroll,
  windowLevel,
  regionWindow,
  zoom,
  magnifier,
  pan,
  pointAt,
  length,
  bidirectional,
  angle,
  cobb,
  cardiothoracic,
  ellipse,
  rectangle,
  freehand,
  probe,
  arrow,
  text,
  spine,
  calibration,
  keyImage,
  invert,
  autoWindow,
  fit,
  actualPixels,
  rotateLeft,
  rotateRight,
  flipHorizontal,
  flipVertical,
  reset,
  cine,
  oneUp,
  volume,
  link,
  linkHere,
  comparePrior,
  referenceLines,
  labels,
  overlays,
  attributes,
  annotationList,
  fullScreen,
  print,
  exportImage,
  copyImage,
  help,
  nextImage,
  previousImage,
  firstImage,
  lastImage,
  nextSeries,
  previousSeries,
  nextViewport,
  previousViewport,
  nextStage,
  previousStage,
  emptyViewport,
  zoomIn,
  zoomOut,
];

/** The dragging tool of this id, or the window tool. */
export function dragTool(id: string): DragTool {
  return tools.find((tool): tool is DragTool => tool.kind === 'drag' && tool.id === id) ?? windowLevel;
}

/** Those that do something to the planes of a volume as well. */
const volumeTools: ReadonlySet<Tool> = new Set<Tool>([
  scroll,
  windowLevel,
  zoom,
  pan,
  pointAt,
  invert,
  autoWindow,
  fit,
  reset,
  oneUp,
  volume,
  labels,
  fullScreen,
  help,
  nextImage,
  previousImage,
  nextViewport,
  previousViewport,
  zoomIn,
  zoomOut,
]);

/** Whether a tool is for what is looked at, a volume or stacks, and for who looks. */
export function isOffered(tool: Tool, { volume: shown, acts }: ReadingState): boolean {
  return (!shown || volumeTools.has(tool)) && (tool.needs === undefined || acts.includes(tool.needs));
}

/** Whether a tool does anything to what is shown. */
export function isUsable(tool: Tool, state: ViewState, reading: ReadingState): boolean {
  return (
    isOffered(tool, reading) &&
    (tool.isEnabled?.(state, reading) ?? true) &&
    tool.obstacle?.(state, reading) === undefined
  );
}

/** Puts a tool into the hand, or has it act. */
export function takeUp(tool: Tool, context: ToolContext): void {
  if (tool.kind === 'drag') {
    context.selectTool(tool.id);
  } else {
    tool.run(context);
  }
}
