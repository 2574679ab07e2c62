/** Sends studies to a machine: which one, whether it is to vouch for what it gets, and how far each is. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { useFailureText } from '../app/Notice';
import type { Study } from '../dicomweb/studies';
import { readableDate } from '../imaging/dates';
import { Check, Choice } from '../machines/fields';
import { fetchNodes, stopTransfer } from '../server/transfers';
import { readablePatient } from '../studyList/columns';
import { Commitment, Progress } from './Outcome';
import { isUnderWay, type Transferred, useTransfers } from './useTransfers';
import './texts';

function Sending(props: { readonly aeTitle: string; readonly study: Study; readonly transferred: Transferred }) {
  const { t } = useTranslation();
  const { aeTitle, study, transferred } = props;
  const stop = useMutation({
    mutationFn: (operation: number) => stopTransfer(aeTitle, operation, new AbortController().signal),
  });
  const transfer = transferred.state === 'begun' ? transferred.transfer : undefined;
  const name = readablePatient(study.patientName, t);
  return (
    <li className="flex flex-col gap-2 border-b border-line p-3 last:border-b-0">
      <span className="flex items-baseline justify-between gap-3 text-sm">
        <span className="truncate font-medium">{name}</span>
        <span className="shrink-0 text-xs text-faint tabular-nums">{readableDate(study.studyDate)}</span>
      </span>
      <Progress transferred={transferred} act="send" />
      {transfer === undefined ? null : <Commitment transfer={transfer} />}
      {transfer?.state === 'running' ? (
        <div>
          <Button
            isDisabled={stop.isPending}
            label={t('remote.stopNamed', { name })}
            onPress={() => stop.mutate(transfer.operation)}
          >
            {t('remote.stop')}
          </Button>
        </div>
      ) : null}
    </li>
  );
}

interface SendProps {
  readonly studies: readonly Study[];
  readonly onClose: () => void;
}

/** Where to, and whether it is to vouch for what it gets. */
function Form(props: {
  /** Whether something is still on its way to a machine. */
  readonly isBusy: (aeTitle: string) => boolean;
  readonly onSend: (aeTitle: string, commit: boolean) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [chosen, setChosen] = useState('');
  const [commit, setCommit] = useState(false);
  const nodes = useQuery({ queryKey: ['machines', 'nodes'], queryFn: ({ signal }) => fetchNodes(signal) });
  const titles = nodes.data?.map(({ ae_title }) => ae_title) ?? [];
  const aeTitle = titles.find((title) => title === chosen) ?? titles[0];
  const isBusy = aeTitle !== undefined && props.isBusy(aeTitle);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (aeTitle !== undefined && !isBusy) {
      props.onSend(aeTitle, commit);
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
      {nodes.isError ? (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
          {failureText(nodes.error)}
        </p>
      ) : null}
      {props.children}
      <footer className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isDisabled={aeTitle === undefined} isBusy={isBusy}>
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
export function SendDialog(props: SendProps) {
  const { t } = useTranslation();
  const { begin, transferredOf } = useTransfers('send');
  // The list behind may change; what is sent is what was chosen.
  const [studies] = useState(props.studies);
  const [sentTo, setSentTo] = useState('');
  const sendings = (aeTitle: string) =>
    studies.flatMap((study) => {
      const transferred = transferredOf(aeTitle, study.studyInstanceUid);
      return transferred === undefined ? [] : [{ study, transferred }];
    });
  const shown = sendings(sentTo);
  const send = (aeTitle: string, commit: boolean) => {
    setSentTo(aeTitle);
    const uids = studies.map(({ studyInstanceUid }) => studyInstanceUid);
    begin(aeTitle, uids, commit);
  };
  const close = () => {
    const count = shown.filter(({ transferred }) => transferred.state === 'waiting').length;
    if (count === 0 || window.confirm(t('remote.send.confirmClose', { count }))) {
      props.onClose();
    }
  };
  const title = studies.length === 1 ? t('remote.send.title') : t('remote.send.titleMany', { count: studies.length });
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : close())}
      className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6"
    >
      <Modal className="max-h-full w-full max-w-md overflow-auto rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog className="p-6 outline-none">
          <header className="mb-4 flex items-center justify-between">
            <Heading slot="title" className="text-lg font-semibold">
              {title}
            </Heading>
            <IconButton icon={X} label={t('common.close')} onPress={close} />
          </header>
          <Form
            isBusy={(aeTitle) => sendings(aeTitle).some(({ transferred }) => isUnderWay(transferred))}
            onSend={send}
            onClose={close}
          >
            {shown.length === 0 ? null : (
              <ul
                aria-label={t('remote.send.progress')}
                className="max-h-80 overflow-auto rounded-md border border-line"
              >
                {shown.map(({ study, transferred }) => (
                  <Sending key={study.studyInstanceUid} aeTitle={sentTo} study={study} transferred={transferred} />
                ))}
              </ul>
            )}
          </Form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
