/** Keys of annotations beside those of tools: undo and redo, delete, and putting away what is begun. */
import { useEffect } from 'react';
import type { Reading } from '../viewport/readingState';
import type { Desk } from './desk';

function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [role="menu"], [role="dialog"], [role="slider"]') !== null
  );
}

function act(desk: Desk, event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === 'z' && !event.shiftKey) {
      desk.undo();
    } else if (key === 'y' || key === 'z') {
      desk.redo();
    } else {
      return false;
    }
    return true;
  }
  const { selected, drawing } = desk.store.getState();
  if (key === 'escape') {
    desk.draw(undefined);
    desk.select(undefined);
    return drawing !== undefined || selected !== undefined;
  }
  if ((key === 'delete' || key === 'backspace') && selected !== undefined) {
    desk.remove(selected);
    return true;
  }
  return false;
}

export function useAnnotationKeys(reading: Reading, desk: Desk): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey && !isElsewhere(event.target) && act(desk, event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    // Before the tools: what deletes an annotation does not empty the viewport under it.
    document.addEventListener('keydown', onKey, true);
    // What was begun with one tool is not gone on with by another.
    const stop = reading.store.subscribe(({ toolId }, before) => {
      if (toolId !== before.toolId) {
        desk.draw(undefined);
      }
    });
    return () => {
      document.removeEventListener('keydown', onKey, true);
      stop();
    };
  }, [reading, desk]);
}
