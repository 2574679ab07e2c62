/** The filters of the study list: from and to the address bar, and into match keys of a search (PS3.18 8.3.4). */
import { dayOf, parseDate } from '../imaging/dates';

export const searchScopes = ['name', 'id', 'accession'] as const;
export type SearchScope = (typeof searchScopes)[number];

/** Spans before today that have a button, in days. */
export const quickDates = ['today', '3d', '7d'] as const;
export type QuickDate = (typeof quickDates)[number];

const quickDays: Readonly<Record<QuickDate, number>> = { today: 1, '3d': 3, '7d': 7 };

export const modalities = ['CT', 'MR', 'CR', 'DX', 'US', 'XA', 'MG', 'NM', 'PT'] as const;

/** As in the address; what is absent does not filter. */
export interface ListFilters {
  readonly q?: string;
  readonly by?: SearchScope;
  /** A quick date or `YYYYMMDD-YYYYMMDD`. */
  readonly date?: string;
  readonly modality?: string;
}

function isQuickDate(value: string): value is QuickDate {
  return quickDates.some((quick) => quick === value);
}

/** The two ends of a stored range. */
export function parseRange(date: string | undefined): { readonly from: string; readonly to: string } | undefined {
  const match = /^(\d{8})-(\d{8})$/.exec(date ?? '');
  const [, from, to] = match ?? [];
  return from !== undefined && to !== undefined && parseDate(from) && parseDate(to) ? { from, to } : undefined;
}

/** Reads the filters from an address; what makes no sense is dropped. */
export function parseListFilters(search: Record<string, unknown>): ListFilters {
  const { q, by, date, modality } = search;
  const scope = searchScopes.find((candidate) => candidate === by);
  return {
    ...(typeof q === 'string' && q.trim() !== '' ? { q: q.slice(0, 64) } : {}),
    ...(scope && scope !== 'name' ? { by: scope } : {}),
    ...(typeof date === 'string' && (isQuickDate(date) || parseRange(date)) ? { date } : {}),
    ...(typeof modality === 'string' && /^[A-Z0-9_ ]{1,16}$/.test(modality) ? { modality } : {}),
  };
}

function dateKey(date: string, now: Date): string {
  return isQuickDate(date) ? `${dayOf(now, 1 - quickDays[date])}-${dayOf(now)}` : date;
}

/** Characters that mean something else in a match key are searched for as a gap. */
function literal(text: string): string {
  return text
    .replace(/[*?\\^=]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The match keys of a search. */
export function matchKeys(filters: ListFilters, now: Date): URLSearchParams {
  const keys = new URLSearchParams();
  const wanted = literal(filters.q ?? '');
  if (wanted !== '') {
    switch (filters.by ?? 'name') {
      case 'name':
        keys.set('PatientName', wanted);
        // Every word begins a word of the name, in any order and without regard to marks.
        keys.set('fuzzymatching', 'true');
        break;
      case 'id':
        keys.set('PatientID', `${wanted}*`);
        break;
      case 'accession':
        keys.set('AccessionNumber', `${wanted}*`);
        break;
    }
  }
  if (filters.date !== undefined) {
    keys.set('StudyDate', dateKey(filters.date, now));
  }
  if (filters.modality !== undefined) {
    keys.set('ModalitiesInStudy', filters.modality);
  }
  return keys;
}

/** Whether anything narrows the list. */
export function isFiltered(filters: ListFilters): boolean {
  return filters.q !== undefined || filters.date !== undefined || filters.modality !== undefined;
}

/** What a control that filters takes. */
export interface FilterProps {
  readonly filters: ListFilters;
  readonly onChange: (filters: ListFilters) => void;
}

/** The filters with one of them gone. */
export function without<Key extends keyof ListFilters>(filters: ListFilters, key: Key): Omit<ListFilters, Key> {
  const { [key]: _dropped, ...rest } = filters;
  return rest;
}
