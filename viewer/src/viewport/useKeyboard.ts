/** Keys of the study page: those of tools and of windows. Fields, menus and open dialogs keep theirs. */
import { useEffect } from 'react';
import { keyOf } from '../tools/keyName';
import { type Bindings, toolForKey, windowKeysOf } from '../tools/keyTable';
import { windowChoices, windowsShown } from '../tools/presets';
import { isUsable, takeUp } from '../tools/registry';
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

/** What somebody has marked is the browser's to copy. */
function isMarkedCopied(event: KeyboardEvent): boolean {
  return keyOf(event) === 'Ctrl+c' && document.getSelection()?.isCollapsed === false;
}

/** Whether a key is meant for the page, and not for what is focused or for the browser. */
export function isForPage(event: KeyboardEvent): boolean {
  return !(
    isMarkedCopied(event) ||
    isBrowsers(event) ||
    keepsItsKeys(event.target) ||
    isPressedBy(event.target, event.key)
  );
}

function act(context: ToolContext, bindings: Bindings, key: string): boolean {
  context.clearTrouble();
  const tool = toolForKey(bindings, key);
  if (tool) {
    if (!isUsable(tool, context.state, context.reading)) {
      return true;
    }
    takeUp(tool, context);
    return true;
  }
  const choices = windowChoices(
    context.state.series?.modality ?? '',
    windowsShown(context.state),
    windowKeysOf(bindings),
  );
  const choice = choices.find(({ keys }) => keys.includes(key));
  choice?.run(context);
  return choice !== undefined;
}

/** Listens while the page is there; `isPaused` while something is open over it. */
export function useKeyboard(context: () => ToolContext | undefined, bindings: Bindings, isPaused: boolean): void {
  useEffect(() => {
    if (isPaused) {
      return undefined;
    }
    const onKey = (event: KeyboardEvent) => {
      const present = isForPage(event) ? context() : undefined;
      if (present && act(present, bindings, keyOf(event))) {
        event.preventDefault();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [context, bindings, isPaused]);
}
