/** Why something could not be taken out: the server's reason, or that the browser could not make the picture. */
import { useTranslation } from 'react-i18next';
import { RequestError } from '../server/request';
import { noEncoder } from './film';
import type { Known } from './useSubject';

export function useExportFailure({ failureText }: Known): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (error instanceof RequestError) {
      return failureText(error);
    }
    return error instanceof Error && error.name === noEncoder ? t('export.film.noEncoder') : t('export.failed');
  };
}
