/** Whose pictures they are, in the reader's language. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import type { SeriesInstanceUid } from '../dicomweb/uid';
import type { Subject } from './marks';

/** What the page knows of the study, and how it says why a request failed. */
export interface Known {
  readonly study: Study | undefined;
  readonly list: readonly Series[] | undefined;
  readonly failureText: (error: unknown) => string;
}

export function useSubject({ study, list }: Known): (series: SeriesInstanceUid) => Subject {
  const { t, i18n } = useTranslation();
  return useMemo(
    () => (uid) => ({
      study,
      series: list?.find(({ seriesInstanceUid }) => seriesInstanceUid === uid),
      language: i18n.language,
      t,
    }),
    [study, list, t, i18n.language],
  );
}
