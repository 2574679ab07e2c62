/** How long before or after the study that is read another one was made, in words. */
import type { TFunction } from 'i18next';
import { ageAt } from '../imaging/dates';
import { daysBetween } from './priors';

export function readableInterval(other: string | undefined, read: string | undefined, t: TFunction): string {
  const days = daysBetween(other, read);
  if (days === undefined) {
    return '';
  }
  if (days === 0) {
    return t('hanging.sameDay');
  }
  const [from, to] = days > 0 ? [other, read] : [read, other];
  const age = ageAt(from, to, undefined);
  if (!age) {
    return '';
  }
  const { count, unit } = age;
  return days > 0 ? t(`hanging.before.${unit}`, { count }) : t(`hanging.after.${unit}`, { count });
}
