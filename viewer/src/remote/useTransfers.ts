/** Sends studies to a node or fetches them from it, one after the other, and knows how far each is. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { beginTransfer, fetchTransfer, type Transfer } from '../server/transfers';

/** Between two looks at how far it is, and at whether a node has said what it vouches for, in milliseconds. */
const pace = { running: 700, asked: 3000 } as const;

/** How far a study is: it waits for the others, is under way or over, or could not be asked for. */
export type Transferred =
  | { readonly state: 'waiting' }
  | { readonly state: 'begun'; readonly transfer: Transfer }
  | { readonly state: 'refused'; readonly error: unknown };

interface Errand {
  readonly aeTitle: string;
  readonly study: StudyInstanceUid;
  /** Whether the node is asked to vouch for it. */
  readonly commit: boolean;
}

type Say = (transferred: Transferred) => void;

/** Whether a study still waits for others or is under way. */
export function isUnderWay(transferred: Transferred | undefined): boolean {
  return (
    transferred?.state === 'waiting' || (transferred?.state === 'begun' && transferred.transfer.state === 'running')
  );
}

function pause(length: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, length);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Says how far one is while `goesOn`. */
async function follow(
  aeTitle: string,
  begun: Transfer,
  goesOn: (transfer: Transfer) => boolean,
  length: number,
  say: Say,
  signal: AbortSignal,
): Promise<Transfer> {
  let transfer = begun;
  while (goesOn(transfer)) {
    await pause(length, signal);
    transfer = await fetchTransfer(aeTitle, transfer.operation, signal);
    say({ state: 'begun', transfer });
  }
  return transfer;
}

const keyOf = (aeTitle: string, study: StudyInstanceUid) => `${aeTitle} ${study}`;

/** `onOver` is called after each study. What waits is forgotten with the page; what has begun goes on at the server. */
export function useTransfers(act: 'send' | 'fetch', onOver?: () => void) {
  const [transferred, setTransferred] = useState<ReadonlyMap<string, Transferred>>(new Map());
  const queue = useRef<Errand[]>([]);
  const isAtWork = useRef(false);
  const page = useRef<AbortController>(null);

  useEffect(() => {
    const controller = new AbortController();
    page.current = controller;
    return () => controller.abort();
  }, []);

  const say = useCallback(
    ({ aeTitle, study }: Errand, state: Transferred) =>
      setTransferred((before) => new Map(before).set(keyOf(aeTitle, study), state)),
    [],
  );

  const perform = useCallback(
    async (errand: Errand, signal: AbortSignal) => {
      const { aeTitle, study, commit } = errand;
      const sayOf: Say = (state) => say(errand, state);
      const fail = (error: unknown) => {
        if (!signal.aborted) {
          sayOf({ state: 'refused', error });
        }
      };
      try {
        const begun = await beginTransfer(aeTitle, act, { study, ...(commit ? { commit } : {}) }, signal);
        sayOf({ state: 'begun', transfer: begun });
        const over = await follow(aeTitle, begun, ({ state }) => state === 'running', pace.running, sayOf, signal);
        // The others need not wait for what a node says to that.
        const isAsked = ({ commitment }: Transfer) => commitment?.state === 'asked';
        follow(aeTitle, over, isAsked, pace.asked, sayOf, signal).catch(fail);
      } catch (error) {
        fail(error);
      }
    },
    [act, say],
  );

  const work = useCallback(async () => {
    const signal = page.current?.signal;
    if (isAtWork.current || signal === undefined) {
      return;
    }
    isAtWork.current = true;
    for (let errand = queue.current.shift(); errand && !signal.aborted; errand = queue.current.shift()) {
      await perform(errand, signal);
      onOver?.();
    }
    isAtWork.current = false;
  }, [perform, onOver]);

  const begin = useCallback(
    (aeTitle: string, studies: readonly StudyInstanceUid[], commit = false) => {
      for (const study of studies) {
        const errand = { aeTitle, study, commit };
        queue.current.push(errand);
        say(errand, { state: 'waiting' });
      }
      void work();
    },
    [say, work],
  );

  const transferredOf = (aeTitle: string, study: StudyInstanceUid) => transferred.get(keyOf(aeTitle, study));
  return { begin, transferredOf };
}
