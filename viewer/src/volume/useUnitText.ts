/** Units of values as they are written. */
import { useTranslation } from 'react-i18next';

const written: Readonly<Record<string, string>> = { SUVbw: 'SUVbw', HU: 'HU', BQML: 'Bq/ml' };

export function useUnitText(): (unit: string) => string {
  const { t } = useTranslation();
  return (unit) => (unit === 'none' ? t('volume.noUnit') : (written[unit] ?? unit));
}
