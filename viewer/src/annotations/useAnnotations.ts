/** Brings the annotations of a study to its page once the first picture is there. */
import { useEffect } from 'react';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { Reading } from '../viewport/readingState';

export function useAnnotations(reading: Reading, study: StudyInstanceUid): void {
  useEffect(() => {
    let isWanted = true;
    const stops: (() => void)[] = [];
    const begin = () => {
      if (reading.cells.every(({ store }) => !store.getState().everShown)) {
        return;
      }
      for (const stop of stops.splice(0)) {
        stop();
      }
      import('./annotating').then(
        ({ openAnnotations }) => {
          if (isWanted) {
            reading.store.setState({ annotations: openAnnotations(reading, study) });
          }
        },
        () => isWanted && reading.store.setState({ annotations: undefined }),
      );
    };
    stops.push(...reading.cells.map(({ store }) => store.subscribe(begin)));
    begin();
    return () => {
      isWanted = false;
      for (const stop of stops) {
        stop();
      }
      reading.store.setState({ annotations: undefined });
    };
  }, [reading, study]);
}
