/** Studies that are marked in the list, to do something with several of them together. */
import type { Study } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';

/** The keys that mark the row one is on, send what is marked, and unmark all. */
export const markKey = ' ';
export const sendKey = 's';
export const unmarkKey = 'Escape';

export type Marked = ReadonlySet<StudyInstanceUid>;

/** What the list is given where studies can be marked. */
export interface Marking {
  readonly marked: Marked;
  readonly onMark: (marked: Marked) => void;
  /** Sends what is marked. */
  readonly onSend: () => void;
}

/** A study is marked, or not any more. */
export function toggled(marked: Marked, uid: StudyInstanceUid): Marked {
  const next = new Set(marked);
  if (!next.delete(uid)) {
    next.add(uid);
  }
  return next;
}

/** The rows from one place to another are marked as well, whichever comes first. */
export function withRange(
  marked: Marked,
  studies: readonly Pick<Study, 'studyInstanceUid'>[],
  from: number,
  to: number,
): Marked {
  const range = studies.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1);
  return new Set([...marked, ...range.map(({ studyInstanceUid }) => studyInstanceUid)]);
}
