/** What a log is looked through for, as one types it, and as the server takes it. */

/** What every log is looked through by. */
export interface LogFilters {
  readonly account: string;
  readonly patientId: string;
  /** Days as `YYYY-MM-DD`, both included; empty is any. */
  readonly from: string;
  readonly to: string;
}

export const noFilters: LogFilters = { account: '', patientId: '', from: '', to: '' };

/** Midnight at the beginning of a day here, so many days on. */
function midnight(day: string, daysOn: number): number | undefined {
  const [year, month, date] = day.split('-').map(Number);
  return year !== undefined && month !== undefined && date !== undefined
    ? new Date(year, month - 1, date + daysOn).getTime()
    : undefined;
}

export const pageRows = 50;

/** The parameters of a page, the first or that behind a row; the log calls accounts by a name of its own. */
export function logParameters(
  filters: LogFilters,
  accounts: 'account' | 'actor',
  more: Readonly<Record<string, string | number | undefined>>,
): URLSearchParams {
  const wanted = {
    [accounts]: filters.account.trim(),
    patient_id: filters.patientId.trim(),
    from_ms: filters.from === '' ? undefined : midnight(filters.from, 0),
    until_ms: filters.to === '' ? undefined : midnight(filters.to, 1),
    ...more,
    limit: pageRows,
  };
  return new URLSearchParams(
    Object.entries(wanted).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)] as [string, string]],
    ),
  );
}
