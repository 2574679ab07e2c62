/** All that is written and drawn on pictures of a viewport that leave: what is offered, and what is chosen of it. */
import { drawnOverlay } from './drawn';
import { type Mark, marks, marksOverlay, type Subject } from './marks';
import { overlaidOverlay } from './overlaid';
import type { SceneOverlay } from './scene';
import type { Source } from './source';

/** The marks that have something to show, of these. */
export function offeredMarks(sources: readonly Source[], among: readonly Mark[] = marks): readonly Mark[] {
  const isOffered: Readonly<Partial<Record<Mark, boolean>>> = {
    drawn: sources.some(({ drawings }) => drawings !== undefined),
    overlays: sources.some(({ paint }) => paint !== undefined),
  };
  return among.filter((mark) => isOffered[mark] ?? true);
}

/** What is on the screen is on the picture, unless the reader takes it off. */
export function firstMarks(sources: readonly Source[], usual: readonly Mark[]): ReadonlySet<Mark> {
  const areShown = sources.some(({ drawings }) => drawings?.areShown);
  return new Set([...usual, 'overlays' as const, ...(areShown ? ['drawn' as const] : [])]);
}

export function overlaysOf(
  { drawings, paint }: Source,
  chosen: ReadonlySet<Mark>,
  subject: Subject,
): readonly SceneOverlay[] {
  return [
    ...(paint && chosen.has('overlays') ? [overlaidOverlay(paint)] : []),
    ...(drawings && chosen.has('drawn') ? [drawnOverlay(drawings, subject)] : []),
    marksOverlay(chosen, subject),
  ];
}
