/** Who is signed in: /api/session. */
import * as v from 'valibot';
import { RequestError, request } from './request';

const sessionSchema = v.object({
  account: v.string(),
  role: v.string(),
  /** Somebody else knows the password: until it is changed, the account may do nothing. */
  must_change_password: v.boolean(),
  /** Its role needs a second factor: until there is one, the account may do nothing. */
  must_add_second_factor: v.boolean(),
  has_second_factor: v.boolean(),
  /** What the account may do, in the words of the server. */
  acts: v.array(v.string()),
});

/** What pages ask about; the server decides it again. */
export type Act =
  | 'search'
  | 'annotate'
  | 'download'
  | 'print'
  | 'export'
  | 'review_log'
  | 'search_orders'
  | 'manage_orders'
  | 'manage_peers'
  | 'manage_forwarding'
  | 'manage_accounts';

export type Session = v.InferOutput<typeof sessionSchema>;

/** The present session, or null if nobody is signed in. */
export async function fetchSession(signal: AbortSignal): Promise<Session | null> {
  try {
    const response = await request('/api/session', { signal, expectsUnauthorized: true });
    return v.parse(sessionSchema, await response.json());
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) {
      return null;
    }
    throw error;
  }
}

/** What is typed to sign in. */
export interface Credentials {
  readonly account: string;
  readonly password: string;
  /** The digits of the second factor, once they are asked for. */
  readonly code: string | null;
}

/** Signs in; the session travels in a cookie that scripts cannot read. */
export async function signIn(credentials: Credentials, signal: AbortSignal): Promise<void> {
  await request('/api/session', {
    signal,
    method: 'POST',
    body: credentials,
    expectsUnauthorized: true,
  });
}

/** Ends the session. */
export async function signOut(signal: AbortSignal): Promise<void> {
  await request('/api/session', { signal, method: 'DELETE', expectsUnauthorized: true });
}
