/** The session as the app sees it: asked for once, dropped whenever any request finds nobody signed in. */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onSessionLost } from '../server/request';
import { type Act, fetchSession, type Session, signOut } from '../server/session';

const ownerKey = 'filmless.account';

export const sessionQueryKey = ['session'] as const;

/** Who is signed in, nobody, or somebody who is just signing out. */
type SessionState = Session | 'ending' | null;

const sessionQuery = queryOptions({
  queryKey: sessionQueryKey,
  queryFn: async ({ signal }): Promise<SessionState> => {
    const session = await fetchSession(signal);
    if (session) {
      claimTab(session.account);
    }
    return session;
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** Asks who is signed in, and forgets it when the server does. */
export function useSessionQuery() {
  const queryClient = useQueryClient();
  useEffect(() => onSessionLost(() => forgetSession(queryClient)), [queryClient]);
  return useQuery(sessionQuery);
}

/** Who is signed in; only below the gate that checks it. */
export function useSession(): Session | undefined {
  const { data } = useQuery(sessionQuery);
  return data === null || data === 'ending' ? undefined : data;
}

/** Whether the account that is signed in may do something: what it may not is not offered. */
export function useMay(act: Act): boolean {
  return useSession()?.acts.includes(act) ?? false;
}

/** How studies were left is for whoever left them so, who comes back after a session that ended by itself. */
function claimTab(account: string): void {
  if (sessionStorage.getItem(ownerKey) !== account) {
    sessionStorage.clear();
    sessionStorage.setItem(ownerKey, account);
  }
}

function forgetSession(queryClient: QueryClient): void {
  queryClient.setQueryData(sessionQueryKey, null);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQueryKey[0] });
}

/** Begins to sign out: the pages go first, and with them all they ask and listen for, which would be refused in a moment. */
export function leave(queryClient: QueryClient): void {
  queryClient.setQueryData<SessionState>(sessionQueryKey, 'ending');
}

/** Signs out on the server and here, when nothing of the pages is left. */
export async function endSession(queryClient: QueryClient): Promise<void> {
  await queryClient.cancelQueries();
  try {
    await signOut(new AbortController().signal);
  } finally {
    forgetSession(queryClient);
    // Nothing of a patient stays behind for the next person at this screen.
    sessionStorage.clear();
  }
}
