/** The filters of the study list: from and to the address bar, and into the keys of a search. */
import { dayOf, parseDate } from '../imaging/dates';
import { studyStates } from '../server/studyList';

export const searchScopes = ['name', 'id', 'accession', 'description'] as const;
export type SearchScope = (typeof searchScopes)[number];

/** Spans of days that have a button: how many days before today they begin and end. */
const quickSpans = { today: [0, 0], yesterday: [1, 1], '7d': [6, 0], '30d': [29, 0] } as const;
export type QuickDate = keyof typeof quickSpans;
export const quickDates: readonly QuickDate[] = ['today', 'yesterday', '7d', '30d'];

export const modalities = ['CT', 'MR', 'CR', 'DX', 'US', 'XA', 'MG', 'NM', 'PT'] as const;

/** What the list can be ordered by, as the server has it. */
export const sortKeys = [
  'patient_name',
  'patient_id',
  'patient_sex',
  'patient_birth_date',
  'study_date',
  'accession_number',
  'study_description',
  'modality',
  'body_part',
  'institution',
  'instances',
  'priors',
] as const;
export type SortKey = (typeof sortKeys)[number];

/** The order without a word for it: newest first. */
export const newestFirst = '-study_date';

/** As in the address; what is absent does not filter. */
export interface ListFilters {
  readonly q?: string;
  readonly by?: SearchScope;
  /** A quick date or `YYYYMMDD-YYYYMMDD`. */
  readonly date?: string;
  readonly modality?: string;
  /** Body Part Examined of one of the series. */
  readonly part?: string;
  readonly institution?: string;
  readonly state?: string;
  /** Only what this account has not read. */
  readonly read?: 'unread';
  /** One patient's studies: a Patient ID, and its issuer. */
  readonly patient?: string;
  readonly issuer?: string;
  /** A sort key, with `-` in front if the greatest come first. */
  readonly order?: string;
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

/** The order of the list, and whether the greatest come first. */
export function parseOrder(order: string | undefined): { readonly key: SortKey; readonly descending: boolean } {
  const text = order ?? newestFirst;
  const key = sortKeys.find((candidate) => candidate === text.replace(/^-/, ''));
  return key ? { key, descending: text.startsWith('-') } : { key: 'study_date', descending: true };
}

/** The filters in the order of another column, or in the other direction of the one they are in. */
export function sortedBy(filters: ListFilters, key: SortKey): ListFilters {
  const now = parseOrder(filters.order);
  // Dates and counts begin with the greatest, texts with the first.
  const first = ['study_date', 'instances', 'priors'].includes(key);
  const descending = now.key === key ? !now.descending : first;
  const order = `${descending ? '-' : ''}${key}`;
  return order === newestFirst ? without(filters, 'order') : { ...filters, order };
}

const short = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 64;

/** Reads the filters from an address; what makes no sense is dropped. */
export function parseListFilters(search: Record<string, unknown>): ListFilters {
  const { q, by, date, modality, part, institution, state, read, patient, issuer, order } = search;
  const scope = searchScopes.find((candidate) => candidate === by);
  return {
    ...(typeof q === 'string' && q.trim() !== '' ? { q: q.slice(0, 64) } : {}),
    ...(scope && scope !== 'name' ? { by: scope } : {}),
    ...(typeof date === 'string' && (isQuickDate(date) || parseRange(date)) ? { date } : {}),
    ...(typeof modality === 'string' && /^[A-Z0-9_ ]{1,16}$/.test(modality) ? { modality } : {}),
    ...(short(part) ? { part } : {}),
    ...(short(institution) ? { institution } : {}),
    ...(studyStates.some((known) => known === state) ? { state: String(state) } : {}),
    ...(read === 'unread' ? { read } : {}),
    ...(short(patient) ? { patient, ...(short(issuer) ? { issuer } : {}) } : {}),
    ...(typeof order === 'string' && sortKeys.some((key) => order === key || order === `-${key}`) ? { order } : {}),
  };
}

function dateKey(date: string, now: Date): string {
  if (!isQuickDate(date)) {
    return date;
  }
  const [from, to] = quickSpans[date];
  return `${dayOf(now, -from)}-${dayOf(now, -to)}`;
}

const scopeKeys = {
  name: 'patient_name',
  id: 'patient_id',
  accession: 'accession_number',
  description: 'study_description',
} as const satisfies Readonly<Record<SearchScope, string>>;

/** The keys of a search; what is typed is taken as it is, the server knows no wild cards in it. */
export function matchKeys(filters: ListFilters, now: Date): URLSearchParams {
  const keys = new URLSearchParams();
  const wanted: readonly (readonly [string, string | undefined])[] = [
    [scopeKeys[filters.by ?? 'name'], filters.q?.trim()],
    ['study_date', filters.date === undefined ? undefined : dateKey(filters.date, now)],
    ['modality', filters.modality],
    ['body_part', filters.part],
    ['institution', filters.institution],
    ['state', filters.state],
    ['read', filters.read],
    ['patient_id', filters.patient],
    ['order', filters.order],
  ];
  for (const [key, value] of wanted) {
    if (value !== undefined && value !== '') {
      keys.set(key, value);
    }
  }
  if (filters.patient !== undefined) {
    // With an issuer, also one that is empty, the Patient ID is whole and not a beginning.
    keys.set('issuer_of_patient_id', filters.issuer ?? '');
  }
  return keys;
}

/** Whether anything narrows the list. */
export function isFiltered(filters: ListFilters): boolean {
  return [...matchKeys(filters, new Date()).keys()].some((key) => key !== 'order');
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

/** The filters for whichever patient: a filter that is kept names none. */
export function withoutPatient(filters: ListFilters): ListFilters {
  return without(without(filters, 'patient'), 'issuer');
}

/** The filters with one of them changed, or gone. */
export function withFilter(filters: ListFilters, key: keyof ListFilters, value: string | undefined): ListFilters {
  return value === undefined || value === ''
    ? without(filters, key)
    : parseListFilters({ ...filters, [key]: value } as Record<string, unknown>);
}
