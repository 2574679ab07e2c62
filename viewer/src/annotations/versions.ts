/** The saved versions of a study's annotations: each names those that it follows (PS3.3 C.17.2.5, Predecessor Documents). */
import type { Marks } from './desk';
import type { ReadReport } from './dicom/readReport';

export function newestFirst(reports: readonly ReadReport[]): ReadReport[] {
  const moment = ({ date, time }: ReadReport) => `${date} ${time}`;
  return reports.toSorted((a, b) => (moment(a) < moment(b) ? 1 : -1));
}

/** Those that no other follows: two, if two readers saved at the same time. */
export function presentReports(reports: readonly ReadReport[]): ReadReport[] {
  const followed = new Set(reports.flatMap(({ predecessors }) => predecessors));
  return reports.filter(({ sopInstanceUid }) => !followed.has(sopInstanceUid));
}

/** What they say together; of what is in several the newest counts. */
export function united(newest: readonly ReadReport[]): Marks {
  const annotations = new Map(
    newest
      .toReversed()
      .flatMap((report) => report.annotations.map((annotation) => [annotation.uid, annotation] as const)),
  );
  return { annotations: [...annotations.values()], keyImages: [] };
}
