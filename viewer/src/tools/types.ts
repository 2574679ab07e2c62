/** What a tool is: one object from which the toolbar, the keys and the help are made. */
import type { LucideIcon } from 'lucide-react';
import type { TakeoutKind } from '../export/Takeout';
import type { ScreenPoint } from '../imaging/placement';
import type { Act } from '../server/session';
import type { ReadingState } from '../viewport/readingState';
import type { ReaderView, ViewState } from '../viewport/viewState';

/** One step of a drag, in screen pixels. */
export interface DragMove {
  /** Where in the viewport the pointer is now. */
  readonly at: ScreenPoint;
  readonly dx: number;
  readonly dy: number;
  readonly frameCount: number;
  /** Of the picture area. */
  readonly height: number;
}

/** What a tool may act on: the active viewport, and the page. */
export interface ToolContext {
  readonly view: ReaderView;
  readonly state: ViewState;
  readonly reading: ReadingState;
  selectTool(id: string): void;
  toggleLabels(): void;
  nextViewport(): void;
  previousViewport(): void;
  toggleOneUp(): void;
  toggleLinks(): void;
  linkHere(): void;
  toggleReferenceLines(): void;
  toggleAnnotationList(): void;
  toggleVolume(): void;
  nextSeries(): void;
  previousSeries(): void;
  nextStage(): void;
  previousStage(): void;
  comparePrior(): void;
  emptyViewport(): void;
  clearTrouble(): void;
  toggleFullScreen(): void;
  showAttributes(): void;
  toggleOverlays(): void;
  /** Opens what takes pictures out. */
  takeOut(kind: TakeoutKind): void;
  showHelp(): void;
}

/** Why a tool is of no use here: a translation key below `tools.obstacles.`. */
export type Obstacle = 'colourImage' | 'noGraphicsCard' | 'otherStudy';

export type ToolGroup = 'drag' | 'measure' | 'window' | 'geometry' | 'play' | 'layout' | 'show' | 'out' | 'move';

interface ToolBase {
  readonly id: string;
  /** Translation key below `tools.`. */
  readonly label: string;
  readonly group: ToolGroup;
  /** In the menu of its group rather than on the bar. */
  readonly inMenu?: true;
  /** Unless the reader chose others, as keyOf names them: values of KeyboardEvent.key, with Ctrl before them as in Ctrl+p. */
  readonly keys: readonly string[];
  /** What the reader must be allowed to do; others are not offered it. */
  readonly needs?: Act;
  isEnabled?(state: ViewState, reading: ReadingState): boolean;
  /** What is in its way, if that is more than that nothing is shown yet: it is disabled, and says why. */
  obstacle?(state: ViewState, reading: ReadingState): Obstacle | undefined;
}

/** What a hand does that is held down on the picture. */
export interface Dragging {
  start?(view: ReaderView, at: ScreenPoint): void;
  drag(view: ReaderView, move: DragMove): void;
  /** Not done if it was broken off, as by a second finger. */
  end?(view: ReaderView, isDone: boolean, at: ScreenPoint): void;
}

/** A tool that works by dragging on the picture. */
export interface DragTool extends ToolBase, Dragging {
  readonly kind: 'drag';
  readonly icon: LucideIcon;
  readonly cursor: string;
}

/** A tool that acts at once. Without an icon it has a key but no button. */
export interface ActTool extends ToolBase {
  readonly kind: 'act';
  readonly icon?: LucideIcon;
  run(context: ToolContext): void;
  /** For tools that are on or off. */
  isOn?(state: ViewState, reading: ReadingState): boolean;
}

export type Tool = DragTool | ActTool;
