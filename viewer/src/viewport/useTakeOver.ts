/** The page that the server made, while it covers the full viewer. */
import { useEffect, useSyncExternalStore } from 'react';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { isOffered, onOffer, pageOf } from '../lite/handover';
import type { Reading } from './readingState';
import { takeOver } from './takeOver';

/** Takes over once what is shown where is decided, if there is something to take over from. */
export function useTakeOver(reading: Reading, uid: StudyInstanceUid, isArranged: boolean): void {
  useEffect(() => {
    const page = isArranged ? pageOf(uid) : undefined;
    return page && takeOver(reading, uid, page);
  }, [reading, uid, isArranged]);
}

/** Whether pictures lie behind that page. */
export function useIsCovered(): boolean {
  return useSyncExternalStore(onOffer, isOffered);
}

/** What stands in place of pictures, such as a failure, is to be seen at once; of one series only if the page is there. */
export function useUncovered(
  uid: StudyInstanceUid,
  isInPlaceOfPictures: boolean,
  series: SeriesInstanceUid | undefined,
): void {
  useEffect(() => {
    const page = isInPlaceOfPictures ? pageOf(uid) : undefined;
    if (series === undefined || page?.seen()?.series === series) {
      page?.end();
    }
  }, [uid, isInPlaceOfPictures, series]);
}
