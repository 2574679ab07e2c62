/** The saved versions of a study's annotations: each names those that it follows (PS3.3 C.17.2.5, Predecessor Documents). */
import type { Marks } from './desk';
import { type ReadSelection, titleOf } from './dicom/keyObjects';
import type { ReadReport } from './dicom/readReport';
import { plainTitle } from './keyTitles';
import { imageKey } from './model';

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
export function united(newest: readonly ReadReport[], selections: readonly ReadSelection[]): Marks {
  const annotations = new Map(
    newest
      .toReversed()
      .flatMap((report) => report.annotations.map((annotation) => [annotation.uid, annotation] as const)),
  );
  // Every save writes all key images beside its report: those of an earlier one were taken away since.
  const together = selections.filter(({ isOurs, date, time }) =>
    newest.some((report) => isOurs && report.date === date && report.time === time),
  );
  const keyImages = new Map(together.flatMap(({ images }) => images.map((image) => [imageKey(image), image] as const)));
  const [keyTitle = plainTitle] = together.flatMap((selection) => titleOf(selection) ?? []);
  return { annotations: [...annotations.values()], keyImages: [...keyImages.values()], keyTitle };
}
