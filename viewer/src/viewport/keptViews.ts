/**
 * What readers did to the pictures of the studies they read in this tab: which image, in which window, how it lay. With it a
 * study is opened again as it was left. Only UIDs and numbers are kept, until the reader signs out.
 */
import * as v from 'valibot';
import { type SeriesInstanceUid, type StudyInstanceUid, seriesInstanceUid } from '../dicomweb/uid';
import type { KeptView, ViewedPlace } from './viewState';

const storageKey = 'filmless.views';
/** Studies that are remembered; the one longest ago makes room. */
const mostStudies = 50;

const number = v.pipe(v.number(), v.finite());
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

const viewSchema = v.object({
  index: whole,
  window: v.exactOptional(
    v.object({ center: number, width: number, voiFunction: v.picklist(['LINEAR', 'LINEAR_EXACT', 'SIGMOID']) }),
  ),
  windowPlace: whole,
  inverted: v.boolean(),
  turned: v.object({ rotation: number, flipHorizontal: v.boolean(), flipVertical: v.boolean() }),
  looked: v.exactOptional(v.object({ middle: v.tuple([number, number]), step: v.pipe(number, v.gtValue(0)) })),
});

const keptSchema = v.array(v.tuple([whole, v.string(), viewSchema]));
/** Newest first. */
const storedSchema = v.array(v.tuple([v.string(), v.unknown()]));

type Store = Pick<Storage, 'getItem' | 'setItem'>;

function stored(storage: Store): v.InferOutput<typeof storedSchema> {
  try {
    return v.parse(storedSchema, JSON.parse(storage.getItem(storageKey) ?? '[]'));
  } catch {
    // What is there was not written by this version; nobody misses it.
    return [];
  }
}

/** What was left in each place of the layout, by its number. */
export function keptViews(storage: Store, study: StudyInstanceUid): ReadonlyMap<number, ViewedPlace> {
  const found = stored(storage).find(([other]) => other === study);
  const parsed = v.safeParse(keptSchema, found?.[1]);
  return new Map(
    (parsed.success ? parsed.output : []).flatMap(([place, text, view]) => {
      const series = seriesInstanceUid(text);
      return series === undefined ? [] : [[place, { series, view }] as const];
    }),
  );
}

export function keepViews(
  storage: Store,
  study: StudyInstanceUid,
  views: readonly (readonly [place: number, series: SeriesInstanceUid, view: KeptView])[],
): void {
  const others = stored(storage).filter(([other]) => other !== study);
  storage.setItem(storageKey, JSON.stringify([[study, views], ...others].slice(0, mostStudies)));
}
