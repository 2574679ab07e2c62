/** The session as the app sees it: asked for once, dropped whenever any request finds nobody signed in. */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { holdingRequests, onSessionLost } from '../server/request';
import { fetchSession, type Session, signOut } from '../server/session';

const ownerKey = 'filmless.account';

export const sessionQueryKey = ['session'] as const;

const sessionQuery = queryOptions({
  queryKey: sessionQueryKey,
  queryFn: async ({ signal }) => {
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
  return useQuery(sessionQuery).data ?? undefined;
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

/** Signs out on the server and here. */
export async function leave(queryClient: QueryClient): Promise<void> {
  // What is still being asked for nobody will see, and it would be refused.
  await queryClient.cancelQueries();
  await holdingRequests(async () => {
    try {
      await signOut(new AbortController().signal);
    } finally {
      forgetSession(queryClient);
      // Nothing of a patient stays behind for the next person at this screen.
      sessionStorage.clear();
    }
  });
}
