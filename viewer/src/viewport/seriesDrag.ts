/** A series on its way from the list to a viewport: the UIDs of its study and of itself under a type of our own. */
import { seriesInstanceUid, studyInstanceUid } from '../dicomweb/uid';
import { type Content, stackOf } from './layout';

export const seriesDragType = 'application/x-filmless-series';

export function dragged({ study, series }: Content): string {
  return `${study} ${series}`;
}

/** What was dragged; undefined if it is something else. */
export function dropped(text: string): Content | undefined {
  const [first, second] = text.split(' ');
  const [study, series] = [studyInstanceUid(first), seriesInstanceUid(second)];
  return study && series && stackOf(study, series);
}
