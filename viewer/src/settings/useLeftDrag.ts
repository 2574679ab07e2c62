/** What dragging with the left button does when a study is opened: half of those who read want to scroll, the others the window. */
import { useEffect } from 'react';
import * as v from 'valibot';
import type { Reading } from '../viewport/readingState';
import { settingOf, useSettings } from './useSettings';

export const leftDrags = ['window', 'scroll'] as const;
export const mouseSetting = 'mouse';
const mouseSchema = v.object({ leftDrag: v.picklist(leftDrags) });

export function useLeftDrag(): (typeof leftDrags)[number] {
  return settingOf(useSettings().data, mouseSetting, mouseSchema, { leftDrag: 'window' }).leftDrag;
}

/** Takes the tool that the reader wants in place of the other one; any third that is in the hand stays there. */
export function useWantedTool({ store }: Reading): void {
  const leftDrag = useLeftDrag();
  useEffect(() => {
    store.setState(({ toolId }) => (leftDrags.some((tool) => tool === toolId) ? { toolId: leftDrag } : {}));
  }, [store, leftDrag]);
}
