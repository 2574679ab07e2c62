/** How an account comes in: its password, its sessions and its tokens. One's own, or for administrators those of an account. */
import * as v from 'valibot';
import { request } from './request';

const sessionsSchema = v.array(
  v.object({
    session: v.string(),
    began_ms: v.number(),
    expires_ms: v.number(),
    address: v.string(),
    agent: v.string(),
    current: v.boolean(),
  }),
);

const tokensSchema = v.array(
  v.object({
    token: v.string(),
    label: v.string(),
    /** What of the account's acts it is for; null is all of them. */
    acts: v.nullable(v.array(v.string())),
    created_ms: v.number(),
    expires_ms: v.nullable(v.number()),
  }),
);

const madeSchema = v.object({ secret: v.string() });

export type OpenSession = v.InferOutput<typeof sessionsSchema>[number];
export type Token = v.InferOutput<typeof tokensSchema>[number];

/** What a token is made with. */
export interface TokenSettings {
  readonly label: string;
  readonly acts: readonly string[] | null;
  /** After how many days it is refused; null is never. */
  readonly days: number | null;
}

/** Where the list of an account is; without one, one's own. */
function path(account: string | undefined, list: 'sessions' | 'tokens', id?: string): string {
  const owner = account === undefined ? '' : `/accounts/${encodeURIComponent(account)}`;
  return `/api${owner}/${list}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;
}

/** Changes one's password; one's other sessions end. A wrong present one is answered 401, as a session that is over. */
export async function changePassword(password: string, wanted: string, signal: AbortSignal): Promise<void> {
  await request('/api/session/password', {
    signal,
    method: 'POST',
    body: { password, new_password: wanted },
    expectsUnauthorized: true,
  });
}

const enrolmentSchema = v.object({ secret: v.string(), uri: v.string(), picture: v.string() });

/** A new secret for an app that shows digits: to be typed, as an address for the same phone, and as a QR code in SVG. */
export type Enrolment = v.InferOutput<typeof enrolmentSchema>;

/** Makes a secret, which is not kept. */
export async function beginSecondFactor(signal: AbortSignal): Promise<Enrolment> {
  const response = await request('/api/session/second-factor', { signal, method: 'POST' });
  return v.parse(enrolmentSchema, await response.json());
}

/** Gives one's account a second factor. Wrong digits and a wrong password are answered 401, as a session that is over. */
export async function putSecondFactor(
  sent: { readonly password: string; readonly secret: string; readonly code: string },
  signal: AbortSignal,
): Promise<void> {
  await request('/api/session/second-factor', { signal, method: 'PUT', body: sent, expectsUnauthorized: true });
}

/** The sign-ins that go on. */
export async function fetchSessions(account: string | undefined, signal: AbortSignal): Promise<OpenSession[]> {
  return v.parse(sessionsSchema, await (await request(path(account, 'sessions'), { signal })).json());
}

/** Ends a session: its browser is signed out. */
export async function removeSession(account: string | undefined, session: string, signal: AbortSignal): Promise<void> {
  await request(path(account, 'sessions', session), { signal, method: 'DELETE' });
}

/** The tokens that programs come in with. */
export async function fetchTokens(account: string | undefined, signal: AbortSignal): Promise<Token[]> {
  return v.parse(tokensSchema, await (await request(path(account, 'tokens'), { signal })).json());
}

/** Makes a token; gives its secret, which is not to be had again. */
export async function makeToken(
  account: string | undefined,
  settings: TokenSettings,
  signal: AbortSignal,
): Promise<string> {
  const response = await request(path(account, 'tokens'), { signal, method: 'POST', body: settings });
  return v.parse(madeSchema, await response.json()).secret;
}

/** Revokes a token: who comes with it is refused. */
export async function revokeToken(account: string | undefined, token: string, signal: AbortSignal): Promise<void> {
  await request(path(account, 'tokens', token), { signal, method: 'DELETE' });
}
