/** The filters of the list of orders: from and to the address bar, and into the parameters of a request. */
import { dayOf, parseDate } from '../imaging/dates';
import { type StepStatus, stepStatuses } from '../server/orders';

/** How many rows are shown; who has more narrows the list. */
export const maxRows = 500;

/** As in the address; what is absent does not filter, but for the day, which is today then. */
export interface OrderFilters {
  readonly q?: string;
  /** `YYYY-MM-DD`, or `all`. */
  readonly day?: string;
  readonly modality?: string;
  readonly status?: StepStatus;
}

/** Reads the filters from an address; what makes no sense is dropped. */
export function parseOrderFilters(search: Record<string, unknown>): OrderFilters {
  const { q, day, modality, status } = search;
  const known = stepStatuses.find((candidate) => candidate === status);
  const isDay = typeof day === 'string' && (day === 'all' || parseDate(day.replaceAll('-', '')) !== undefined);
  return {
    ...(typeof q === 'string' && q.trim() !== '' ? { q: q.slice(0, 64) } : {}),
    ...(isDay ? { day } : {}),
    ...(typeof modality === 'string' && /^[A-Z0-9_ ]{1,16}$/.test(modality) ? { modality } : {}),
    ...(known ? { status: known } : {}),
  };
}

/** The parameters of a request. */
export function orderParameters(filters: OrderFilters, now: Date): URLSearchParams {
  const parameters = new URLSearchParams({ limit: String(maxRows) });
  const day = filters.day?.replaceAll('-', '') ?? dayOf(now);
  if (day !== 'all') {
    parameters.set('from', day);
    parameters.set('to', day);
  }
  for (const name of ['q', 'modality', 'status'] as const) {
    const value = filters[name];
    if (value !== undefined) {
      parameters.set(name, value);
    }
  }
  return parameters;
}
