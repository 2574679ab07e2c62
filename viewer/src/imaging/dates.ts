/** Dates, times and ages of DICOM as people read them (PS3.5 section 6.2, DA, TM and AS). */

/** Reads a DA, also in the retired form with points; undefined if it is no date of the calendar. */
export function parseDate(value: string | undefined): Date | undefined {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(value ?? '');
  if (!match) {
    return undefined;
  }
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : undefined;
}

/** A date as DA. */
export function toDicomDate(date: { readonly year: number; readonly month: number; readonly day: number }): string {
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  return `${digits(date.year, 4)}${digits(date.month, 2)}${digits(date.day, 2)}`;
}

/** The day as DA in the time zone of the reader, or one so many days later. */
export function dayOf(date: Date, daysLater = 0): string {
  const day = new Date(date);
  day.setDate(day.getDate() + daysLater);
  return toDicomDate({ year: day.getFullYear(), month: day.getMonth() + 1, day: day.getDate() });
}

/** A DA as an input of dates has it; empty if it is none. */
export function isoDate(dicomDate: string | undefined): string {
  return dicomDate !== undefined && parseDate(dicomDate)
    ? `${dicomDate.slice(0, 4)}-${dicomDate.slice(4, 6)}-${dicomDate.slice(6, 8)}`
    : '';
}

/** The same of a day in the time zone of the reader. */
export function isoDay(date: Date, daysLater = 0): string {
  return isoDate(dayOf(date, daysLater));
}

/** dd/mm/yyyy, which both languages read without doubt; what is no date is shown as it came. */
export function readableDate(value: string | undefined): string {
  const date = parseDate(value);
  if (!date) {
    return value ?? '';
  }
  const digits = (part: number) => String(part).padStart(2, '0');
  return `${digits(date.getUTCDate())}/${digits(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;
}

/** hh:mm of a TM. */
export function readableTime(value: string | undefined): string {
  const match = /^(\d{2}):?(\d{2})/.exec(value ?? '');
  return match ? `${match[1]}:${match[2]}` : '';
}

export type AgeUnit = 'years' | 'months' | 'days';

export interface Age {
  readonly count: number;
  readonly unit: AgeUnit;
}

const dayMs = 86_400_000;

/** Age at a study: from the birth date, else as the file states it. Under two years in months, under two months in days. */
export function ageAt(
  birth: string | undefined,
  study: string | undefined,
  stated: string | undefined,
): Age | undefined {
  const from = parseDate(birth);
  const to = parseDate(study);
  if (!from || !to || to < from) {
    return statedAge(stated);
  }
  const monthsPassed =
    (to.getUTCFullYear() - from.getUTCFullYear()) * 12 +
    (to.getUTCMonth() - from.getUTCMonth()) -
    (to.getUTCDate() < from.getUTCDate() ? 1 : 0);
  if (monthsPassed >= 24) {
    return { count: Math.floor(monthsPassed / 12), unit: 'years' };
  }
  return monthsPassed >= 2
    ? { count: monthsPassed, unit: 'months' }
    : { count: Math.round((to.getTime() - from.getTime()) / dayMs), unit: 'days' };
}

function statedAge(stated: string | undefined): Age | undefined {
  const match = /^(\d{3})([DWMY])$/.exec(stated ?? '');
  if (!match) {
    return undefined;
  }
  const count = Number(match[1]);
  switch (match[2]) {
    case 'Y':
      return { count, unit: 'years' };
    case 'M':
      return { count, unit: 'months' };
    case 'W':
      return { count: count * 7, unit: 'days' };
    default:
      return { count, unit: 'days' };
  }
}
