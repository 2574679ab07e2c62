/** The form of a machine: to let a new one call, and to change what is set for one. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFailureText } from '../app/Notice';
import { type Peer, putPeer } from '../server/machines';
import { RequestError } from '../server/request';
import { characters, type Draft, draftOf, firstWrong, names, reaches, rights, settingsOf } from './draft';
import { FormDialog, FormEnd, Group, useFormRef } from './FormDialog';
import { Check, Checks, Choice, Line } from './fields';
import { OrderedChoice } from './OrderedChoice';
import { transferSyntaxes } from './transferSyntaxes';

interface PartProps {
  readonly draft: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
  readonly isWrong: (field: string) => boolean;
}

function WorklistPart({ draft, onChange, isWrong }: PartProps) {
  const { t } = useTranslation();
  return (
    <Group title={t('machines.form.worklist')}>
      <Choice
        label={t('machines.form.characters')}
        words={characters}
        nameOf={(word) => t(`machines.form.character.${word}`)}
        value={draft.characters}
        onChange={(word) => onChange({ characters: word })}
      />
      <Choice
        label={t('machines.form.names')}
        words={names}
        nameOf={(word) => t(`machines.form.name.${word}`)}
        value={draft.names}
        onChange={(word) => onChange({ names: word })}
      />
      <Line
        label={t('machines.form.maxEntries')}
        isNumber
        value={draft.maxEntries}
        isWrong={isWrong('max_entries')}
        onChange={(maxEntries) => onChange({ maxEntries })}
      />
    </Group>
  );
}

function MovePart({ draft, onChange, places }: PartProps & { readonly places: readonly string[] }) {
  const { t } = useTranslation();
  const listed = [...new Set([...places, ...draft.destinations])];
  return (
    <Group title={t('machines.form.moves')}>
      <Choice
        label={t('machines.form.reach')}
        words={reaches}
        nameOf={(word) => t(`machines.form.reaches.${word}`)}
        value={draft.reach}
        onChange={(reach) => onChange({ reach })}
      />
      {draft.reach === 'only' ? (
        <Checks
          label={t('machines.form.destinations')}
          words={listed}
          nameOf={(word) => word}
          values={draft.destinations}
          onChange={(destinations) => onChange({ destinations })}
        />
      ) : null}
    </Group>
  );
}

/** The names of fields that can be wrong, as the server has them. */
const labels: Readonly<Record<string, string>> = {
  ae_title: 'machines.aeTitle',
  address: 'machines.address',
  port: 'machines.form.port',
  max_entries: 'machines.form.maxEntries',
  max_associations: 'machines.form.maxAssociations',
  certificate: 'machines.form.certificate',
  issuer_of_patient_id: 'machines.form.issuer',
  department: 'machines.form.department',
  machine_code: 'machines.form.machineCode',
};

function useSaving(peer: Peer | undefined, onClose: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (draft: Draft) => putPeer(draft.aeTitle.trim(), settingsOf(draft, peer), new AbortController().signal),
    onSuccess: onClose,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['machines'] }),
  });
}

function Form(props: {
  readonly peer: Peer | undefined;
  readonly others: readonly Peer[];
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [draft, setDraft] = useState(() => draftOf(props.peer));
  const [found, setFound] = useState<string>();
  const save = useSaving(props.peer, props.onClose);
  const refused = save.error instanceof RequestError ? save.error.field : undefined;
  const wrong = found ?? refused;
  const form = useFormRef(wrong);
  const isWrong = (field: string) => field === wrong;
  const onChange = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const places = props.others.filter(({ address, port }) => address && port).map((other) => other.ae_title);
  const isTaken = props.peer === undefined && props.others.some(({ ae_title }) => ae_title === draft.aeTitle.trim());

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const first = isTaken ? 'ae_title' : firstWrong(draft);
    setFound(first);
    if (first === undefined) {
      save.mutate(draft);
    }
  };
  const explanation = () => {
    if (found === 'ae_title' && isTaken) {
      return t('machines.form.taken');
    }
    const label = labels[wrong ?? ''];
    return label === undefined ? failureText(save.error) : t('machines.form.wrong', { field: t(label) });
  };

  const part = { draft, onChange, isWrong };
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
      <Group title={t('machines.form.whoAndWhere')}>
        <Line
          label={t('machines.aeTitle')}
          isRequired
          isReadOnly={props.peer !== undefined}
          maxLength={16}
          value={draft.aeTitle}
          isWrong={isWrong('ae_title')}
          onChange={(aeTitle) => onChange({ aeTitle })}
        />
        <Line
          label={t('machines.form.certificate')}
          hint={t('machines.form.certificateHint')}
          value={draft.certificate}
          isWrong={isWrong('certificate')}
          onChange={(certificate) => onChange({ certificate })}
        />
        <Line
          label={t('machines.address')}
          hint={t('machines.form.addressHint')}
          value={draft.address}
          isWrong={isWrong('address')}
          onChange={(address) => onChange({ address })}
        />
        <Line
          label={t('machines.form.port')}
          hint={t('machines.form.portHint')}
          isNumber
          maxLength={5}
          value={draft.port}
          isWrong={isWrong('port')}
          onChange={(port) => onChange({ port })}
        />
        <Check
          label={t('machines.form.tls')}
          hint={t('machines.form.tlsHint')}
          value={draft.tls}
          onChange={(tls) => onChange({ tls })}
        />
      </Group>
      <Group title={t('machines.form.may')}>
        <Checks
          label={t('machines.rights')}
          words={rights}
          nameOf={(right) => t(`machines.right.${right}`)}
          values={draft.allow}
          onChange={(allow) => onChange({ allow })}
        />
        <Line
          label={t('machines.form.maxAssociations')}
          hint={t('machines.form.maxAssociationsHint')}
          isNumber
          value={draft.maxAssociations}
          isWrong={isWrong('max_associations')}
          onChange={(maxAssociations) => onChange({ maxAssociations })}
        />
        {draft.allow.includes('retrieve') ? (
          <Check
            label={t('machines.form.availability')}
            hint={t('machines.form.availabilityHint')}
            value={draft.availability}
            onChange={(availability) => onChange({ availability })}
          />
        ) : null}
      </Group>
      {draft.allow.includes('worklist') ? <WorklistPart {...part} /> : null}
      {draft.allow.includes('retrieve') ? <MovePart {...part} places={places} /> : null}
      <Group title={t('machines.form.books')}>
        <Line
          label={t('machines.form.department')}
          maxLength={64}
          value={draft.department}
          isWrong={isWrong('department')}
          onChange={(department) => onChange({ department })}
        />
        <Line
          label={t('machines.form.issuer')}
          maxLength={64}
          value={draft.issuer}
          isWrong={isWrong('issuer_of_patient_id')}
          onChange={(issuer) => onChange({ issuer })}
        />
        <Line
          label={t('machines.form.machineCode')}
          hint={t('machines.form.machineCodeHint')}
          maxLength={1024}
          value={draft.machineCode}
          isWrong={isWrong('machine_code')}
          onChange={(machineCode) => onChange({ machineCode })}
        />
      </Group>
      <Group title={t('machines.form.transferSyntaxes')}>
        <OrderedChoice
          label={t('machines.form.accepted')}
          none={t('machines.form.acceptedNone')}
          choices={transferSyntaxes}
          values={draft.accepted}
          onChange={(accepted) => onChange({ accepted })}
        />
        <OrderedChoice
          label={t('machines.form.offered')}
          none={t('machines.form.offeredNone')}
          choices={transferSyntaxes}
          values={draft.offered}
          onChange={(offered) => onChange({ offered })}
        />
      </Group>
      <FormEnd
        problem={found !== undefined || save.isError ? explanation() : undefined}
        submit={t(props.peer ? 'machines.form.save' : 'machines.form.create')}
        isBusy={save.isPending}
        onClose={props.onClose}
      />
    </form>
  );
}

/** The form over the page. `others` are all machines that are known. */
export function PeerDialog(props: {
  readonly peer: Peer | undefined;
  readonly others: readonly Peer[];
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const title = props.peer ? t('machines.form.change', { name: props.peer.ae_title }) : t('machines.form.new');
  return (
    <FormDialog title={title} onClose={props.onClose}>
      <Form {...props} />
    </FormDialog>
  );
}
