/** The layouts of the studies that were read in this tab, until it is closed or the reader signs out. Only UIDs are kept. */
import * as v from 'valibot';
import { type StudyInstanceUid, seriesInstanceUid, sopInstanceUid, studyInstanceUid } from '../dicomweb/uid';
import { shownKinds } from '../imaging/objects';
import { type Layout, largestGrid, singleViewport } from './layout';

const storageKey = 'filmless.layouts';

/** Studies that are remembered; the one longest ago makes room. */
const mostStudies = 50;

const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));

function uid<Uid>(parse: (text: string) => Uid | undefined) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, Uid>(({ dataset, addIssue, NEVER }) => {
      const parsed = parse(dataset.value);
      if (parsed === undefined) {
        addIssue({ message: 'no UID' });
        return NEVER;
      }
      return parsed;
    }),
  );
}

const ofSeries = { study: uid(studyInstanceUid), series: uid(seriesInstanceUid) };
const contentSchema = v.variant('kind', [
  v.object({ kind: v.literal('stack'), ...ofSeries, instance: v.exactOptional(uid(sopInstanceUid)) }),
  v.object({ kind: v.literal('objects'), ...ofSeries }),
  v.object({ kind: v.picklist(shownKinds), ...ofSeries, instance: uid(sopInstanceUid) }),
]);

const layoutSchema = v.pipe(
  v.object({
    rows: upTo(largestGrid.rows),
    columns: upTo(largestGrid.columns),
    cells: v.pipe(
      v.array(v.nullable(contentSchema)),
      v.maxLength(largestGrid.rows * largestGrid.columns),
      v.transform((cells) => cells.map((content) => content ?? undefined)),
    ),
    active: v.pipe(v.number(), v.integer(), v.minValue(0)),
    isOneUp: v.boolean(),
    keepsEmpty: v.boolean(),
  }),
  v.check(({ rows, columns, active }) => active < rows * columns),
);

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

/** The layout in which a study was left, or one viewport. */
export function rememberedLayout(storage: Store, study: StudyInstanceUid): Layout {
  const found = stored(storage).find(([other]) => other === study);
  const parsed = v.safeParse(layoutSchema, found?.[1]);
  return parsed.success ? parsed.output : singleViewport;
}

export function rememberLayout(storage: Store, study: StudyInstanceUid, layout: Layout): void {
  const others = stored(storage).filter(([other]) => other !== study);
  // Empty cells become null in JSON.
  storage.setItem(storageKey, JSON.stringify([[study, layout], ...others].slice(0, mostStudies)));
}
