/** The gate: pages for those who are signed in by what only they know and have, and for the others what leads there. */
import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ServerCrash } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { RequestError } from '../server/request';
import { followList, imagesWindow } from '../studyList/windows';
import { Notice, RetryButton, useFailureText } from './Notice';
import { router } from './router';
import { endSession, useSessionQuery } from './session';

// Whoever is signed in does not wait for them.
const SignInPage = lazy(() => import('./SignInPage').then(({ SignInPage: component }) => ({ default: component })));
const FirstStepPage = lazy(() =>
  import('../accounts/FirstStepPage').then(({ FirstStepPage: component }) => ({ default: component })),
);

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // An answer of the server stands; only a lost connection is worth another try.
      retry: (count, error) => error instanceof RequestError && error.status === 0 && count < 2,
      refetchOnWindowFocus: false,
      staleTime: 30_000,
    },
  },
});

if (window.name === imagesWindow) {
  followList((studyUid) => void router.navigate({ to: '/studies/$studyUid', params: { studyUid } }));
}

function Gate() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const session = useSessionQuery();
  if (session.isError) {
    return (
      <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(session.error)}>
        <RetryButton onPress={() => void session.refetch()} />
      </Notice>
    );
  }
  if (session.isPending) {
    return (
      <p role="status" className="sr-only">
        {t('common.loading')}
      </p>
    );
  }
  if (session.data === 'ending') {
    return <SigningOut />;
  }
  if (session.data && !session.data.must_change_password && !session.data.must_add_second_factor) {
    return <RouterProvider router={router} />;
  }
  return <Suspense>{session.data ? <FirstStepPage session={session.data} /> : <SignInPage />}</Suspense>;
}

/** In place of the pages: once it is there, none of them asks for anything any more. */
function SigningOut() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  useEffect(() => {
    // If no answer comes, whoever sits here is shown as signed out all the same; the session ends by its age.
    endSession(queryClient).catch(() => undefined);
  }, [queryClient]);
  return (
    <p role="status" className="sr-only">
      {t('common.loading')}
    </p>
  );
}

export function App() {
  const { i18n } = useTranslation();
  return (
    <I18nProvider locale={i18n.language === 'vi' ? 'vi-VN' : 'en-GB'}>
      <QueryClientProvider client={queryClient}>
        <Gate />
      </QueryClientProvider>
    </I18nProvider>
  );
}
