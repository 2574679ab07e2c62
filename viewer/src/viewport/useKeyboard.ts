/** Keys of the study page: the registry's, and those of windows. Fields, menus and open dialogs keep theirs. */
import { useEffect } from 'react';
import { keyOf } from '../tools/keyName';
import { windowChoices, windowsShown } from '../tools/presets';
import { isUsable, takeUp, toolForKey } from '../tools/registry';
import type { ToolContext } from '../tools/types';

function keepsItsKeys(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [role="menu"], [role="dialog"], [role="slider"]') !== null
  );
}

/** A focused button or link is pressed by Space and Enter. */
function isPressedBy(target: EventTarget | null, key: string): boolean {
  return key === ' ' && target instanceof HTMLElement && target.closest('button, a') !== null;
}

/** Such as Shift+F5, which loads the page anew, and Shift+F10, which opens a menu. */
function isBrowsers({ shiftKey, key }: KeyboardEvent): boolean {
  return shiftKey && /^F\d+$/.test(key);
}

/** Whether a key is meant for the page, and not for what is focused or for the browser. */
export function isForPage(event: KeyboardEvent): boolean {
  return !(
    event.ctrlKey ||
    event.metaKey ||
    isBrowsers(event) ||
    keepsItsKeys(event.target) ||
    isPressedBy(event.target, event.key)
  );
}

/** A key with Ctrl, if it is meant for the page: what somebody has marked is the browser's to copy. */
function chordOf(event: KeyboardEvent): string | undefined {
  const isChord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !keepsItsKeys(event.target);
  const isMarked = event.key.toLowerCase() === 'c' && document.getSelection()?.isCollapsed === false;
  return isChord && !isMarked ? `Ctrl+${event.key.toUpperCase()}` : undefined;
}

function act(context: ToolContext, key: string): boolean {
  context.clearTrouble();
  const tool = toolForKey(key);
  if (tool) {
    if (!isUsable(tool, context.state, context.reading)) {
      return true;
    }
    takeUp(tool, context);
    return true;
  }
  const choice = windowChoices(context.state.series?.modality ?? '', windowsShown(context.state)).find(({ keys }) =>
    keys.includes(key),
  );
  choice?.run(context);
  return choice !== undefined;
}

/** Listens while the page is there; `isPaused` while something is open over it. */
export function useKeyboard(context: () => ToolContext | undefined, isPaused: boolean): void {
  useEffect(() => {
    if (isPaused) {
      return undefined;
    }
    const onKey = (event: KeyboardEvent) => {
      const key = isForPage(event) ? keyOf(event) : chordOf(event);
      const present = key === undefined ? undefined : context();
      if (present && key !== undefined && act(present, key)) {
        event.preventDefault();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [context, isPaused]);
}
