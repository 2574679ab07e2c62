/** What a reader chooses of the list on this device: which columns, and in which window studies open. */
import { useMemo } from 'react';
import { create } from 'zustand';
import { columns } from './columns';

interface Preferences {
  /** The columns that are not shown, or shown although they usually are not. */
  readonly otherwise: readonly string[];
  /** Studies open in the second window. */
  readonly elsewhere: boolean;
}

const prefix = 'filmless.list.';

/** Reads what is kept under an account's name; what makes no sense is as if there were nothing. */
export function readPreferences(kept: string | null): Preferences {
  try {
    const value: unknown = JSON.parse(kept ?? '{}');
    const { otherwise, elsewhere } = value as { otherwise?: unknown; elsewhere?: unknown };
    const ids = Array.isArray(otherwise) ? otherwise : [];
    return {
      otherwise: columns.map(({ id }) => id).filter((id) => ids.includes(id)),
      elsewhere: elsewhere === true,
    };
  } catch {
    return { otherwise: [], elsewhere: false };
  }
}

/** The choices of each account in this window, as far as they were changed here: one store for the list and its menus. */
const useChanged = create<{ readonly of: Readonly<Record<string, Preferences>> }>(() => ({ of: {} }));

/** The choices of an account, and how to change them. */
export function usePreferences(account: string) {
  const changed = useChanged((state) => state.of[account]);
  const preferences = useMemo(
    () => changed ?? readPreferences(localStorage.getItem(prefix + account)),
    [changed, account],
  );
  const change = (change: Partial<Preferences>) => {
    const next = { ...preferences, ...change };
    localStorage.setItem(prefix + account, JSON.stringify(next));
    useChanged.setState(({ of }) => ({ of: { ...of, [account]: next } }));
  };
  return { ...preferences, change };
}

/** The columns that are shown under these choices. */
export function shownColumns({ otherwise }: Pick<Preferences, 'otherwise'>) {
  return columns.filter(({ id, isUsual }) => isUsual !== otherwise.includes(id));
}
