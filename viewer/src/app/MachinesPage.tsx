/** Machines: those that may send to the archive, and those that tried and wait to be let in. For administrators. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox, Network, PhoneCall, ServerCrash, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import {
  acceptMachine,
  echoPeer,
  fetchInbox,
  fetchPeers,
  type InboxEntry,
  type Peer,
  removePeer,
} from '../server/machines';
import { Button, IconButton } from './controls';
import { Notice, RetryButton, useFailureText } from './Notice';
import { TopBar } from './TopBar';

function Section(props: { readonly title: string; readonly text: string; readonly children: ReactNode }) {
  return (
    <section className="rounded-xl border border-line bg-panel">
      <header className="border-b border-line px-5 py-4">
        <h2 className="text-base font-semibold">{props.title}</h2>
        <p className="mt-0.5 text-sm text-soft">{props.text}</p>
      </header>
      {props.children}
    </section>
  );
}

const cell = 'px-5 py-2.5 text-left';

function InboxTable({ entries }: { readonly entries: readonly InboxEntry[] }) {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const accept = useMutation({
    mutationFn: (entry: InboxEntry) => acceptMachine(entry, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['machines'] }),
  });
  return (
    <>
      {accept.isError ? (
        <p role="alert" className="m-4 rounded-md bg-danger-deep px-3 py-2 text-sm text-red-200">
          {failureText(accept.error)}
        </p>
      ) : null}
      <table className="w-full text-sm">
        <thead className="text-xs text-faint">
          <tr>
            <th className={cell}>{t('machines.aeTitle')}</th>
            <th className={cell}>{t('machines.called')}</th>
            <th className={cell}>{t('machines.address')}</th>
            <th className={cell}>{t('machines.why')}</th>
            <th className={cell}>{t('machines.lastTried')}</th>
            <th className={cell} />
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr
              key={`${entry.calling_ae_title}|${entry.called_ae_title}|${entry.address}`}
              className="border-t border-line"
            >
              <td className={`${cell} font-medium`}>{entry.calling_ae_title}</td>
              <td className={cell}>{entry.called_ae_title}</td>
              <td className={`${cell} tabular-nums`}>{entry.address}</td>
              <td className={`${cell} text-soft`}>
                {t(`machines.reason.${entry.reason}`, { defaultValue: entry.reason })}
              </td>
              <td className={`${cell} tabular-nums text-soft`}>
                {entry.at_ms ? new Date(entry.at_ms).toLocaleString(i18n.language === 'vi' ? 'vi-VN' : 'en-GB') : ''}
              </td>
              <td className="px-5 py-2 text-right">
                {entry.calling_ae_title === '' ? null : (
                  <Button
                    look="primary"
                    isDisabled={accept.isPending}
                    label={t('machines.acceptNamed', { name: entry.calling_ae_title })}
                    onPress={() => accept.mutate(entry)}
                  >
                    {t('machines.accept')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Calls a machine and says what came of it. */
function EchoButton({ peer }: { readonly peer: Peer }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const echo = useMutation({ mutationFn: () => echoPeer(peer.ae_title, new AbortController().signal) });
  const { data } = echo;
  const outcome =
    data === undefined
      ? undefined
      : data.answers
        ? t('machines.answers', { duration: data.duration_ms })
        : t(`machines.echoFailure.${data.failure ?? ''}`, { defaultValue: data.detail ?? '' });
  return (
    <span className="flex items-center gap-2">
      <IconButton
        icon={PhoneCall}
        label={t('machines.echoNamed', { name: peer.ae_title })}
        isDisabled={echo.isPending}
        onPress={() => echo.mutate()}
      />
      <span role="status" className={data?.answers === true ? 'text-soft' : 'text-red-200'}>
        {echo.isPending ? t('machines.calling') : echo.isError ? failureText(echo.error) : outcome}
      </span>
    </span>
  );
}

function Peers() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const peers = useQuery({ queryKey: ['machines', 'peers'], queryFn: ({ signal }) => fetchPeers(signal) });
  const remove = useMutation({
    mutationFn: (aeTitle: string) => removePeer(aeTitle, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['machines'] }),
  });
  if (peers.isError) {
    return (
      <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(peers.error)}>
        <RetryButton onPress={() => void peers.refetch()} />
      </Notice>
    );
  }
  if (peers.data?.length === 0) {
    return <Notice icon={Network} title={t('machines.noPeers')} text={t('machines.noPeersText')} />;
  }
  return (
    <table className="w-full text-sm">
      <thead className="text-xs text-faint">
        <tr>
          <th className={cell}>{t('machines.aeTitle')}</th>
          <th className={cell}>{t('machines.address')}</th>
          <th className={cell}>{t('machines.rights')}</th>
          <th className={cell}>{t('machines.echo')}</th>
          <th className={cell} />
        </tr>
      </thead>
      <tbody>
        {peers.data?.map((peer) => (
          <tr key={peer.ae_title} className="border-t border-line">
            <td className={`${cell} font-medium`}>{peer.ae_title}</td>
            <td className={`${cell} tabular-nums`}>
              {peer.address ?? t('machines.anyAddress')}
              {peer.port ? `:${peer.port}` : ''}
            </td>
            <td className={`${cell} text-soft`}>
              {peer.allow.map((right) => t(`machines.right.${right}`, { defaultValue: right })).join(', ')}
            </td>
            <td className="px-5 py-1">{peer.address && peer.port ? <EchoButton peer={peer} /> : null}</td>
            <td className="px-5 py-1 text-right">
              <IconButton
                icon={Trash2}
                label={t('machines.removeNamed', { name: peer.ae_title })}
                isDisabled={remove.isPending}
                onPress={() => {
                  if (window.confirm(t('machines.confirmRemove', { name: peer.ae_title }))) {
                    remove.mutate(peer.ae_title);
                  }
                }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function MachinesPage() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const inbox = useQuery({
    queryKey: ['machines', 'inbox'],
    queryFn: ({ signal }) => fetchInbox(signal),
    refetchInterval: 10_000,
  });
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <main className="min-h-0 flex-1 overflow-auto">
        <div className="mx-auto flex max-w-5xl flex-col gap-5 p-6">
          <h1 className="text-xl font-semibold">{t('machines.title')}</h1>
          <Section title={t('machines.inbox')} text={t('machines.inboxText')}>
            {inbox.isError ? (
              <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(inbox.error)} />
            ) : inbox.data?.length === 0 ? (
              <Notice icon={Inbox} title={t('machines.inboxEmpty')} text={t('machines.inboxEmptyText')} />
            ) : (
              <InboxTable entries={inbox.data ?? []} />
            )}
          </Section>
          <Section title={t('machines.peers')} text={t('machines.peersText')}>
            <Peers />
          </Section>
        </div>
      </main>
    </div>
  );
}
