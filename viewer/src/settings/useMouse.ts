/** The mouse as the reader has it, for what is shown of it and for the hand on a picture. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { dragTool, isUsable } from '../tools/registry';
import type { PointerTools } from '../viewport/pointer';
import type { Cell, Reading } from '../viewport/readingState';
import { heldTool, type Mouse, mouseOf, wheelActOf } from './mouse';
import { settingsQuery, useSettings } from './useSettings';

export function useMouse(): Mouse {
  const { data } = useSettings();
  return useMemo(() => mouseOf(data), [data]);
}

const nothing = { drag: () => undefined };

/** What the buttons and the wheel do on the picture of a cell; asked at each touch, so that a change holds at once. */
export function useMouseTools(reading: Reading, { store }: Cell): Pick<PointerTools, 'assigned' | 'wheelAct'> {
  const client = useQueryClient();
  return useMemo(() => {
    const mouse = () => mouseOf(client.getQueryData(settingsQuery.queryKey));
    return {
      assigned: (event) => {
        const id = heldTool(mouse(), event);
        const tool = id === undefined ? undefined : dragTool(id);
        return tool && (isUsable(tool, store.getState(), reading.store.getState()) ? tool : nothing);
      },
      wheelAct: (event) => wheelActOf(mouse(), event),
    };
  }, [client, reading, store]);
}

/** Takes the tool that the reader wants in place of the one they wanted before; any other that is in the hand stays there. */
export function useWantedTool({ store }: Reading): void {
  const { leftDrag } = useMouse();
  const wanted = useRef<string>(store.getState().toolId);
  useEffect(() => {
    const before = wanted.current;
    wanted.current = leftDrag;
    store.setState(({ toolId }) => (toolId === before ? { toolId: leftDrag } : {}));
  }, [store, leftDrag]);
}
