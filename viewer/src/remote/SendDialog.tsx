/** Sends a study to a machine: which one, whether it is to vouch for what it gets, and how far that is. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { useFailureText } from '../app/Notice';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { Check, Choice } from '../machines/fields';
import { beginTransfer, fetchNodes, fetchTransfer, stopTransfer, type Transfer } from '../server/transfers';
import { Commitment, Outcome } from './Outcome';
import './texts';

/** How often it is asked how far a transfer is, and whether a machine has answered, in milliseconds. */
const pace = { running: 700, asked: 3000 } as const;

function refetchAfter(transfer: Transfer | undefined): number | false {
  if (transfer?.state === 'running') {
    return pace.running;
  }
  return transfer?.commitment?.state === 'asked' ? pace.asked : false;
}

function Sending(props: { readonly aeTitle: string; readonly begun: Transfer }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { aeTitle, begun } = props;
  const shown = useQuery({
    queryKey: ['transfers', aeTitle, begun.operation],
    queryFn: ({ signal }) => fetchTransfer(aeTitle, begun.operation, signal),
    initialData: begun,
    refetchInterval: ({ state }) => refetchAfter(state.data),
    staleTime: 0,
  });
  const stop = useMutation({ mutationFn: () => stopTransfer(aeTitle, begun.operation, new AbortController().signal) });
  const transfer = shown.data;
  return (
    <section aria-label={t('remote.send.progress')} className="flex flex-col gap-3 rounded-md border border-line p-3">
      <Outcome transfer={transfer} act="send" />
      <Commitment transfer={transfer} />
      {shown.isError ? (
        <p role="alert" className="text-sm text-red-200">
          {failureText(shown.error)}
        </p>
      ) : null}
      {transfer.state === 'running' ? (
        <div>
          <Button isDisabled={stop.isPending} onPress={() => stop.mutate()}>
            {t('remote.stop')}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function Form(props: { readonly study: StudyInstanceUid; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [chosen, setChosen] = useState('');
  const [commit, setCommit] = useState(false);
  const nodes = useQuery({ queryKey: ['machines', 'nodes'], queryFn: ({ signal }) => fetchNodes(signal) });
  const titles = nodes.data?.map(({ ae_title }) => ae_title) ?? [];
  const aeTitle = titles.find((title) => title === chosen) ?? titles[0];
  const begin = useMutation({
    mutationFn: async (to: string) => ({
      to,
      begun: await beginTransfer(to, 'send', { study: props.study, commit }, new AbortController().signal),
    }),
  });
  const error = nodes.error ?? begin.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (aeTitle !== undefined) {
      begin.mutate(aeTitle);
    }
  };
  const nameOf = (title: string) => {
    const department = nodes.data?.find(({ ae_title }) => ae_title === title)?.department;
    return department ? `${title} (${department})` : title;
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {nodes.data?.length === 0 ? (
        <p className="text-sm text-soft">{t('remote.noNodes')}</p>
      ) : (
        <>
          <Choice
            label={t('remote.send.to')}
            words={titles}
            nameOf={nameOf}
            value={aeTitle ?? ''}
            onChange={setChosen}
          />
          <Check
            label={t('remote.send.commit')}
            hint={t('remote.send.commitHint')}
            value={commit}
            onChange={setCommit}
          />
        </>
      )}
      {error ? (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-red-200">
          {failureText(error)}
        </p>
      ) : null}
      {begin.data ? (
        <Sending
          key={`${begin.data.to} ${begin.data.begun.operation}`}
          aeTitle={begin.data.to}
          begun={begin.data.begun}
        />
      ) : null}
      <footer className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isDisabled={aeTitle === undefined || begin.isPending}>
          {t('remote.send.act')}
        </Button>
        <Button look="quiet" onPress={props.onClose}>
          {t('common.close')}
        </Button>
      </footer>
    </form>
  );
}

/** The form over the page; what has begun goes on when it is closed. */
export function SendDialog(props: { readonly study: StudyInstanceUid; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}
      className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6"
    >
      <Modal className="max-h-full w-full max-w-md overflow-auto rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog className="p-6 outline-none">
          <header className="mb-4 flex items-center justify-between">
            <Heading slot="title" className="text-lg font-semibold">
              {t('remote.send.title')}
            </Heading>
            <IconButton icon={X} label={t('common.close')} onPress={props.onClose} />
          </header>
          <Form {...props} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
