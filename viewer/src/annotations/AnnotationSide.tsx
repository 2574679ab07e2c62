/** The annotations of the study at the side of its page: listed, named, found again, saved; and asked about before the page is left. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { AnnotationPanel } from './AnnotationPanel';
import { isChanged } from './desk';
import { LeaveGuard } from './LeaveGuard';
import type { SideProps } from './table';
import { useAnnotationKeys } from './useAnnotationKeys';

export function AnnotationSide({ table, reading, list }: SideProps) {
  const { desk, keeper } = table;
  const queryClient = useQueryClient();
  const isListed = useStore(reading.store, ({ annotationsListed }) => annotationsListed);
  const hasChanged = useStore(desk.store, isChanged);
  useAnnotationKeys(reading, desk);
  useEffect(() => {
    const abort = new AbortController();
    if (list) {
      void keeper.open(list, abort.signal);
    }
    return () => abort.abort();
  }, [keeper, list]);
  // What is saved is a series of the study like others.
  useEffect(
    () =>
      keeper.store.subscribe(({ step }, before) => {
        if (before.step === 'saving' && step === 'ready') {
          void queryClient.invalidateQueries({ queryKey: ['series'] });
        }
      }),
    [keeper, queryClient],
  );
  return (
    <>
      {isListed ? (
        <AnnotationPanel
          table={table}
          reading={reading}
          list={list}
          onClose={() => reading.store.setState({ annotationsListed: false })}
        />
      ) : null}
      <LeaveGuard table={table} hasChanged={hasChanged} />
    </>
  );
}
