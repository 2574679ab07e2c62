/** Why something could not be taken out: the server's reason, or that the browser could not make the picture. */
import { useTranslation } from 'react-i18next';
import { RequestError } from '../server/request';
import type { Known } from './useSubject';

export function useExportFailure({ failureText }: Known): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => (error instanceof RequestError ? failureText(error) : t('export.failed'));
}
