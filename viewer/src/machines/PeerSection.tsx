/** Machines that are known: what they may, whether they are there, and the ways to add, change and remove one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Network, Pencil, PhoneCall, Plus, Trash2, WandSparkles } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { Notice, useFailureText } from '../app/Notice';
import { echoPeer, fetchPeers, type Peer, removePeer } from '../server/machines';
import { Alert, cell, Section, Table } from './Section';

const columns = ['aeTitle', 'address', 'rights', 'books', 'echo'] as const;

/** `onEdit` opens the settings of a machine, or without one those of a new one; `onCoerce` its corrections, or
 * with `null` those for all. */
export function PeerSection(props: {
  readonly onEdit: (aeTitle?: string) => void;
  readonly onCoerce: (aeTitle: string | null) => void;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const peers = useQuery({ queryKey: ['machines', 'peers'], queryFn: ({ signal }) => fetchPeers(signal) });
  const remove = useMutation({
    mutationFn: (aeTitle: string) => removePeer(aeTitle, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['machines'] }),
  });
  return (
    <Section
      title={t('machines.peers')}
      text={t('machines.peersText')}
      action={
        <div className="flex shrink-0 flex-wrap justify-end gap-2">
          <Button onPress={() => props.onCoerce(null)}>
            <WandSparkles size={16} aria-hidden />
            {t('machines.coerceAll')}
          </Button>
          <Button look="primary" onPress={() => props.onEdit()}>
            <Plus size={16} aria-hidden />
            {t('machines.add')}
          </Button>
        </div>
      }
    >
      {remove.isError ? <Alert>{failureText(remove.error)}</Alert> : null}
      <Table
        list={peers}
        columns={[...columns.map((column) => t(`machines.${column}`)), '']}
        empty={<Notice icon={Network} title={t('machines.noPeers')} text={t('machines.noPeersText')} />}
      >
        {(peer) => (
          <PeerRow
            key={peer.ae_title}
            peer={peer}
            isBusy={remove.isPending}
            onEdit={props.onEdit}
            onCoerce={props.onCoerce}
            onRemove={remove.mutate}
          />
        )}
      </Table>
    </Section>
  );
}

function PeerRow(props: {
  readonly peer: Peer;
  readonly isBusy: boolean;
  readonly onEdit: (aeTitle: string) => void;
  readonly onCoerce: (aeTitle: string) => void;
  readonly onRemove: (aeTitle: string) => void;
}) {
  const { t } = useTranslation();
  const { peer } = props;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {peer.ae_title}
      </th>
      <td className={`${cell} tabular-nums`}>
        {peer.address ?? t('machines.anyAddress')}
        {peer.port ? `:${peer.port}` : ''}
        {peer.tls ? <span className="ml-2 text-xs text-faint">{t('machines.tls')}</span> : null}
      </td>
      <td className={`${cell} text-soft`}>
        {peer.allow.map((right) => t(`machines.right.${right}`, { defaultValue: right })).join(', ')}
      </td>
      <td className={`${cell} text-soft`}>
        {peer.department}
        <span className="block text-xs text-faint">{peer.machine_code}</span>
      </td>
      <td className="px-5 py-1">{peer.address && peer.port ? <EchoButton peer={peer} /> : null}</td>
      <td className="px-5 py-1 text-right whitespace-nowrap">
        <IconButton
          icon={Pencil}
          label={t('machines.editNamed', { name: peer.ae_title })}
          onPress={() => props.onEdit(peer.ae_title)}
        />
        <IconButton
          icon={WandSparkles}
          label={t('machines.coerceNamed', { name: peer.ae_title })}
          onPress={() => props.onCoerce(peer.ae_title)}
        />
        <IconButton
          icon={Trash2}
          label={t('machines.removeNamed', { name: peer.ae_title })}
          isDisabled={props.isBusy}
          onPress={() => {
            if (window.confirm(t('machines.confirmRemove', { name: peer.ae_title }))) {
              props.onRemove(peer.ae_title);
            }
          }}
        />
      </td>
    </tr>
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
      <span role="status" className={data?.answers === true ? 'text-soft' : 'text-danger-soft'}>
        {echo.isPending ? t('machines.calling') : echo.isError ? failureText(echo.error) : outcome}
      </span>
    </span>
  );
}
