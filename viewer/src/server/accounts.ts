/** The accounts, as administrators see and change them: /api/accounts. */
import * as v from 'valibot';
import { request } from './request';

export const roles = ['radiologist', 'technologist', 'clinician', 'auditor', 'service', 'admin'] as const;
export type Role = (typeof roles)[number];

const accountsSchema = v.array(
  v.object({
    account: v.string(),
    role: v.picklist(roles),
    must_change_password: v.boolean(),
    /** An administrator took away the right to come in. */
    blocked: v.boolean(),
    /** It was not used for so long that it is not let in any more. */
    idle: v.boolean(),
    /** Nobody is let in for a while: the password was wrong too often. */
    locked: v.boolean(),
    created_ms: v.number(),
    /** To a day. */
    used_ms: v.number(),
    second_factor: v.boolean(),
    /** When it may be used, as 07:00-17:00+0700; null is always. */
    hours: v.nullable(v.string()),
  }),
);

const passwordSchema = v.object({ password: v.string() });

export type Account = v.InferOutput<typeof accountsSchema>[number];

function path(account: string): string {
  return `/api/accounts/${encodeURIComponent(account)}`;
}

/** All accounts, by name. */
export async function fetchAccounts(signal: AbortSignal): Promise<Account[]> {
  return v.parse(accountsSchema, await (await request('/api/accounts', { signal })).json());
}

/** Makes an account; gives its initial password, which is not to be had again. */
export async function addAccount(account: string, role: Role, signal: AbortSignal): Promise<string> {
  const response = await request('/api/accounts', { signal, method: 'POST', body: { account, role } });
  return v.parse(passwordSchema, await response.json()).password;
}

/** Gives an account another role and other hours, which may be empty, blocks it or lets it in again. */
export async function changeAccount(
  account: string,
  change: { readonly role: Role; readonly hours: string } | { readonly blocked: boolean },
  signal: AbortSignal,
): Promise<void> {
  await request(path(account), {
    signal,
    method: 'PATCH',
    body: { role: null, hours: null, blocked: null, ...change },
  });
}

/** Gives an account a new initial password, which is not to be had again; its sessions end. */
export async function resetPassword(account: string, signal: AbortSignal): Promise<string> {
  const response = await request(`${path(account)}/password`, { signal, method: 'POST' });
  return v.parse(passwordSchema, await response.json()).password;
}

/** Takes away the second factor of who has lost it. */
export async function removeSecondFactor(account: string, signal: AbortSignal): Promise<void> {
  await request(`${path(account)}/second-factor`, { signal, method: 'DELETE' });
}
