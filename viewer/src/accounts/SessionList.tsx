/** The sign-ins that go on: on what, from where, since when; and ending one, other than the one that asks. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { Alert, Badge, useMoment } from '../machines/Section';
import { fetchSessions, type OpenSession, removeSession } from '../server/signIns';
import { shortAgent } from './agent';
import { List, ListLine } from './List';
import './texts';

/** Those of an account, or without one one's own. */
export function SessionList({ account }: { readonly account?: string }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const frame = useRef<HTMLDivElement>(null);
  const queryKey = ['sessions', account ?? null];
  // Others come and go without a word here.
  const list = useQuery({ queryKey, queryFn: ({ signal }) => fetchSessions(account, signal), staleTime: 0 });
  const end = useMutation({
    mutationFn: (session: string) => removeSession(account, session, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  const onEnd = (session: string) => {
    frame.current?.focus();
    end.mutate(session);
  };
  return (
    <>
      {end.isError ? <Alert>{failureText(end.error)}</Alert> : null}
      <List label={t('accounts.sessions.title')} list={list} none={t('accounts.sessions.none')} frame={frame}>
        {(session) => <SessionLine key={session.session} session={session} isBusy={end.isPending} onEnd={onEnd} />}
      </List>
    </>
  );
}

function SessionLine(props: {
  readonly session: OpenSession;
  readonly isBusy: boolean;
  readonly onEnd: (session: string) => void;
}) {
  const { t } = useTranslation();
  const moment = useMoment();
  const { session } = props;
  const browser = shortAgent(session.agent) || t('accounts.sessions.unknown');
  return (
    <ListLine
      name={<span title={session.agent}>{browser}</span>}
      action={
        session.current ? (
          <Badge look="good">{t('accounts.sessions.this')}</Badge>
        ) : (
          <Button
            isDisabled={props.isBusy}
            label={t('accounts.sessions.endNamed', { browser, address: session.address })}
            onPress={() => props.onEnd(session.session)}
          >
            {t('accounts.sessions.end')}
          </Button>
        )
      }
    >
      <p>{t('accounts.sessions.from', { address: session.address })}</p>
      <p>{t('accounts.sessions.times', { began: moment(session.began_ms), end: moment(session.expires_ms) })}</p>
    </ListLine>
  );
}
