/** Machines that tried to connect and were refused: why, and letting one in with one act. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { Notice, useFailureText } from '../app/Notice';
import { acceptMachine, fetchInbox, type InboxEntry } from '../server/machines';
import { Alert, cell, Section, Table, useMoment } from './Section';

const columns = ['aeTitle', 'called', 'address', 'why', 'lastTried'] as const;

/** `onEdit` opens the settings of a machine that was let in. */
export function InboxSection({ onEdit }: { readonly onEdit: (aeTitle: string) => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const inbox = useQuery({
    queryKey: ['machines', 'inbox'],
    queryFn: ({ signal }) => fetchInbox(signal),
    refetchInterval: 10_000,
  });
  const accept = useMutation({
    mutationFn: (entry: InboxEntry) => acceptMachine(entry, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['machines'] }),
  });
  const accepted = accept.isSuccess ? accept.variables.calling_ae_title : undefined;
  return (
    <Section title={t('machines.inbox')} text={t('machines.inboxText')}>
      {accept.isError ? <Alert>{failureText(accept.error)}</Alert> : null}
      <div role="status">
        {accepted === undefined ? null : (
          <p className="m-4 flex items-center justify-between gap-4 rounded-md bg-good/15 px-3 py-2 text-sm text-good">
            {t('machines.accepted', { name: accepted })}
            <Button label={t('machines.editNamed', { name: accepted })} onPress={() => onEdit(accepted)}>
              {t('machines.edit')}
            </Button>
          </p>
        )}
      </div>
      <Table
        list={inbox}
        columns={[...columns.map((column) => t(`machines.${column}`)), '']}
        empty={<Notice icon={Inbox} title={t('machines.inboxEmpty')} text={t('machines.inboxEmptyText')} />}
      >
        {(entry) => (
          <InboxRow
            key={`${entry.calling_ae_title}|${entry.called_ae_title}|${entry.address}`}
            entry={entry}
            isBusy={accept.isPending}
            onAccept={accept.mutate}
          />
        )}
      </Table>
    </Section>
  );
}

function InboxRow(props: {
  readonly entry: InboxEntry;
  readonly isBusy: boolean;
  readonly onAccept: (entry: InboxEntry) => void;
}) {
  const { t } = useTranslation();
  const moment = useMoment();
  const { entry } = props;
  return (
    <tr className="border-t border-line">
      <td className={`${cell} font-medium`}>{entry.calling_ae_title}</td>
      <td className={cell}>{entry.called_ae_title}</td>
      <td className={`${cell} tabular-nums`}>{entry.address}</td>
      <td className={`${cell} text-soft`}>{t(`machines.reason.${entry.reason}`, { defaultValue: entry.reason })}</td>
      <td className={`${cell} tabular-nums text-soft`}>{moment(entry.at_ms)}</td>
      <td className="px-5 py-2 text-right">
        {entry.calling_ae_title === '' ? null : (
          <Button
            look="primary"
            isDisabled={props.isBusy}
            label={t('machines.acceptNamed', { name: entry.calling_ae_title })}
            onPress={() => props.onAccept(entry)}
          >
            {t('machines.accept')}
          </Button>
        )}
      </td>
    </tr>
  );
}
