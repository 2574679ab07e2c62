/** Who is signed in: /api/session. */
import * as v from 'valibot';
import { RequestError, request } from './request';

const sessionSchema = v.object({
  account: v.string(),
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
  | 'manage_forwarding';

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

/** Signs in; the session travels in a cookie that scripts cannot read. */
export async function signIn(account: string, password: string, signal: AbortSignal): Promise<void> {
  await request('/api/session', {
    signal,
    method: 'POST',
    body: { account, password },
    expectsUnauthorized: true,
  });
}

/** Ends the session. */
export async function signOut(signal: AbortSignal): Promise<void> {
  await request('/api/session', { signal, method: 'DELETE', expectsUnauthorized: true });
}
