/** Fetches studies from a node, one after the other, and knows how far each is. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { beginTransfer, fetchTransfer, type Transfer } from '../server/transfers';

/** Between two looks at how far it is, in milliseconds. */
const pace = 700;

/** How far a study is: it waits for the others, is under way or over, or could not be asked for. */
export type Fetched =
  | { readonly state: 'waiting' }
  | { readonly state: 'begun'; readonly transfer: Transfer }
  | { readonly state: 'refused'; readonly error: unknown };

interface Errand {
  readonly aeTitle: string;
  readonly study: StudyInstanceUid;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, pace);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Says how far one is until it is over. */
async function follow(errand: Errand, say: (fetched: Fetched) => void, signal: AbortSignal): Promise<void> {
  try {
    let transfer = await beginTransfer(errand.aeTitle, 'fetch', { study: errand.study }, signal);
    say({ state: 'begun', transfer });
    while (transfer.state === 'running') {
      await pause(signal);
      transfer = await fetchTransfer(errand.aeTitle, transfer.operation, signal);
      say({ state: 'begun', transfer });
    }
  } catch (error) {
    if (!signal.aborted) {
      say({ state: 'refused', error });
    }
  }
}

const keyOf = ({ aeTitle, study }: Errand) => `${aeTitle} ${study}`;

/** `onCame` is called after each study. What waits is forgotten with the page; what has begun goes on at the server. */
export function useFetching(onCame: () => void) {
  const [fetched, setFetched] = useState<ReadonlyMap<string, Fetched>>(new Map());
  const queue = useRef<Errand[]>([]);
  const isAtWork = useRef(false);
  const page = useRef<AbortController>(null);

  useEffect(() => {
    const controller = new AbortController();
    page.current = controller;
    return () => controller.abort();
  }, []);

  const say = useCallback(
    (errand: Errand, state: Fetched) => setFetched((before) => new Map(before).set(keyOf(errand), state)),
    [],
  );

  const work = useCallback(async () => {
    const signal = page.current?.signal;
    if (isAtWork.current || signal === undefined) {
      return;
    }
    isAtWork.current = true;
    for (let errand = queue.current.shift(); errand && !signal.aborted; errand = queue.current.shift()) {
      const current = errand;
      await follow(current, (state) => say(current, state), signal);
      onCame();
    }
    isAtWork.current = false;
  }, [say, onCame]);

  const fetchAll = useCallback(
    (aeTitle: string, studies: readonly StudyInstanceUid[]) => {
      for (const study of studies) {
        const errand = { aeTitle, study };
        queue.current.push(errand);
        say(errand, { state: 'waiting' });
      }
      void work();
    },
    [say, work],
  );

  const fetchedOf = (aeTitle: string, study: StudyInstanceUid) => fetched.get(keyOf({ aeTitle, study }));
  return { fetchAll, fetchedOf };
}
