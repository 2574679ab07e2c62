/** Keeps what the reader does to the pictures, a moment after it was done and when the page is left. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { sessionQueryKey } from '../app/session';
import { keepViews } from './keptViews';
import type { Reading } from './readingState';
import type { ViewState } from './viewState';

/** Scrolling and dragging change pictures many times a second. */
const restMs = 400;

function isTouched(present: ViewState, before: ViewState): boolean {
  return (
    present.index !== before.index ||
    present.shown !== before.shown ||
    present.window !== before.window ||
    present.inverted !== before.inverted ||
    present.placement !== before.placement
  );
}

export function useKeptViews({ store, cells }: Reading): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: number | undefined;
    const keep = () => {
      window.clearTimeout(timer);
      timer = undefined;
      const { study, layout } = store.getState();
      const views = cells.slice(0, layout.rows * layout.columns).flatMap((cell, place) => {
        // What was not opened yet is as it was left.
        if (cell.left) {
          return [[place, cell.left.series, cell.left.view] as const];
        }
        const { series } = cell.store.getState();
        const view = cell.screen?.kept?.();
        return series && view ? [[place, series.seriesInstanceUid, view] as const] : [];
      });
      if (views.length > 0) {
        keepViews(sessionStorage, study, views);
      }
    };
    const later = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(keep, restMs);
    };
    const leave = () => (timer === undefined ? undefined : keep());
    const stops = cells.map((cell) =>
      cell.store.subscribe((present, before) => (isTouched(present, before) ? later() : undefined)),
    );
    window.addEventListener('pagehide', leave);
    return () => {
      if (client.getQueryData(sessionQueryKey)) {
        leave();
      }
      window.clearTimeout(timer);
      for (const stop of stops) {
        stop();
      }
      window.removeEventListener('pagehide', leave);
    };
  }, [store, cells, client]);
}
