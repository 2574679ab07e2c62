/** How it is with an account, in words of its states. */
import type { Account } from '../server/accounts';

export type AccountState = 'blocked' | 'locked' | 'idle' | 'mustChange' | 'fine';

/** Everything that stands in its way, what weighs most first; else that it is fine. */
export function statesOf(account: Account): readonly AccountState[] {
  const present = [
    account.blocked ? 'blocked' : undefined,
    account.locked ? 'locked' : undefined,
    account.idle ? 'idle' : undefined,
    account.must_change_password ? 'mustChange' : undefined,
  ] as const;
  const states = present.filter((state) => state !== undefined);
  return states.length === 0 ? ['fine'] : states;
}

/** Whether it takes an administrator, or time, before anybody is let in. */
export function isShutOut({ blocked, locked, idle }: Account): boolean {
  return blocked || locked || idle;
}

/** Whether a text can be the name of an account. */
export function isAccountName(text: string): boolean {
  return /^[A-Za-z0-9._@-]{1,64}$/.test(text);
}
