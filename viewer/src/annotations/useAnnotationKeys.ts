/** Keys of annotations beside those of tools: undo and redo, delete, and putting away what is begun. */
import { useEffect } from 'react';
import { useBindings } from '../settings/useKeys';
import { keyOf } from '../tools/keyName';
import { actForKey, type Bindings } from '../tools/keyTable';
import type { Reading } from '../viewport/readingState';
import type { Desk } from './desk';

function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [role="menu"], [role="dialog"], [role="slider"]') !== null
  );
}

function act(desk: Desk, bindings: Bindings, key: string): boolean {
  switch (actForKey(bindings, 'page', key)?.id) {
    case 'undo':
      desk.undo();
      return true;
    case 'redo':
      desk.redo();
      return true;
    default:
  }
  const { selected, drawing } = desk.store.getState();
  if (key === 'Escape') {
    desk.draw(undefined);
    desk.select(undefined);
    return drawing !== undefined || selected !== undefined;
  }
  if (selected !== undefined && actForKey(bindings, 'annotation', key)?.id === 'deleteAnnotation') {
    desk.remove(selected);
    return true;
  }
  return false;
}

export function useAnnotationKeys(reading: Reading, desk: Desk): void {
  const bindings = useBindings();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isElsewhere(event.target) && act(desk, bindings, keyOf(event))) {
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
  }, [reading, desk, bindings]);
}
