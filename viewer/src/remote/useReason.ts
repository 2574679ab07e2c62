/** Why something did not go over, in the reader's language as far as it is known. */
import { useTranslation } from 'react-i18next';
import './texts';

/** The server says it in parts with colons between, from the outer to the inner. */
export function useReason(): (reason: string) => string {
  const { t } = useTranslation();
  return (reason) =>
    reason
      .split(': ')
      .map((part) => t(`remote.reason.${part}`, { defaultValue: part }))
      .join(': ');
}
