/**
 * What the page of the server shows, told to the full viewer that takes over from it: in terms that hold in a picture of
 * any size. Both import this; it imports nothing.
 */

/** Where one is. */
export interface Seen {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  readonly frame: number;
  /** Only if the reader chose one: else each image has its own. */
  readonly window: { readonly center: number; readonly width: number } | undefined;
  /** Only if the reader zoomed or moved the picture. */
  readonly field: Field | undefined;
  readonly isPlaying: boolean;
  /** The reader went there, or changed how it is shown; else it is where the page opened. */
  readonly isChosen: boolean;
}

/** Which part of the picture is in sight. */
export interface Field {
  /** The column and row in the middle of the area; the centre of the first pixel is 0, 0. */
  readonly middle: readonly [column: number, row: number];
  /** From the middle to the side of the area that is nearer, in columns. */
  readonly half: number;
}

/** The page that is taken over from. */
export interface Handover {
  readonly study: string;
  /** The series that the address named when the page was opened; it follows the reader. */
  readonly asked: string | undefined;
  /** What is seen now; undefined while a hand is on the picture. */
  seen(): Seen | undefined;
  /** Calls whenever that changes, until the answered function is called. */
  subscribe(listener: () => void): () => void;
  /** The full viewer shows the same; the page goes. */
  end(): void;
  /** The full viewer cannot be had; the page stays. */
  fail(): void;
}

let present: Handover | undefined;
const listeners = new Set<() => void>();

/** The page can be taken over from; or not any more. */
export function offer(handover: Handover | undefined): void {
  present = handover;
  for (const listener of listeners) {
    listener();
  }
}

/** Calls `listener` whenever there is such a page, or no longer, until the answered function is called. */
export function onOffer(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isOffered(): boolean {
  return present !== undefined;
}

/** The page of this study, while it stands before the full viewer. */
export function pageOf(study: string): Handover | undefined {
  return present?.study === study ? present : undefined;
}

/** Where in a series the page is; if need be, only if the reader went there. */
export function placeOfPage(
  series: string,
  frames: readonly { readonly sopInstanceUid: string; readonly frameNumber: number }[],
  only?: 'chosen',
): number | undefined {
  const seen = present?.seen();
  const at =
    seen?.series === series && (seen.isChosen || only === undefined)
      ? frames.findIndex(
          ({ sopInstanceUid, frameNumber }) => sopInstanceUid === seen.instance && frameNumber === seen.frame,
        )
      : -1;
  return at < 0 ? undefined : at;
}

const storageKey = 'filmless.seen';

/** Keeps what is seen for the page that comes next in this tab: the way back from the full viewer. */
export function remember(storage: Pick<Storage, 'setItem'>, seen: Seen): void {
  storage.setItem(storageKey, JSON.stringify(seen));
}

/** What was kept, once. Only UIDs and numbers are in it; who wrote it is this tab. */
export function recall(storage: Pick<Storage, 'getItem' | 'removeItem'>, study: string): Seen | undefined {
  const text = storage.getItem(storageKey);
  storage.removeItem(storageKey);
  const seen = text === null ? undefined : (JSON.parse(text) as Seen);
  return seen?.study === study ? seen : undefined;
}
