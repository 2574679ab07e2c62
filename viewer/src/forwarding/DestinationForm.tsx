/** The form of a destination: to add one, and to change what is set for one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RuleList } from '../coercion/RuleList';
import { useWrongRule } from '../coercion/useWrongRule';
import { FormDialog, FormEnd, Group, useFormRef, useRefusalText } from '../machines/FormDialog';
import { Check, Choice, Line } from '../machines/fields';
import { transferSyntaxes } from '../machines/transferSyntaxes';
import { type Destination, putDestination } from '../server/forwarding';
import { fetchPeers } from '../server/machines';
import { RequestError } from '../server/request';
import { type DestinationDraft, destinationDraft, destinationSettings, firstWrong, kinds } from './destinationDraft';
import { HoursFields } from './HoursFields';

/** What instances can become on the way without loss: Explicit VR Little Endian, deflated, RLE, JPEG, JPEG-LS, JPEG 2000. */
const lossless = ['.1', '.1.99', '.5', '.4.70', '.4.80', '.4.90'].map((end) => `1.2.840.10008.1.2${end}`);

interface PartProps {
  readonly draft: DestinationDraft;
  readonly onChange: (change: Partial<DestinationDraft>) => void;
  readonly isWrong: (field: string) => boolean;
}

function WherePart({ draft, onChange, isWrong, hasSecret }: PartProps & { readonly hasSecret: boolean }) {
  const { t } = useTranslation();
  const peers = useQuery({ queryKey: ['machines', 'peers'], queryFn: ({ signal }) => fetchPeers(signal) });
  const callable = (peers.data ?? []).filter(({ address, port }) => address && port).map((peer) => peer.ae_title);
  return (
    <Group title={t('forwarding.where')}>
      <Choice
        label={t('forwarding.kind')}
        words={kinds}
        nameOf={(kind) => t(`forwarding.kinds.${kind}`)}
        value={draft.kind}
        onChange={(kind) => onChange({ kind })}
      />
      {draft.kind === 'peer' ? (
        <>
          <Choice
            label={t('forwarding.fields.peer')}
            words={[...new Set(['', ...callable, draft.peer])]}
            nameOf={(peer) => (peer === '' ? t('forwarding.choose') : peer)}
            value={draft.peer}
            isWrong={isWrong('peer')}
            onChange={(peer) => onChange({ peer })}
          />
          <Check
            label={t('forwarding.commit')}
            hint={t('forwarding.commitHint')}
            value={draft.commit}
            onChange={(commit) => onChange({ commit })}
          />
        </>
      ) : (
        <>
          <Line
            label={t('forwarding.fields.url')}
            hint={t('forwarding.urlHint')}
            maxLength={1024}
            value={draft.url}
            isWrong={isWrong('url')}
            onChange={(url) => onChange({ url })}
          />
          <Line
            label={t('forwarding.authorization')}
            hint={t(hasSecret ? 'forwarding.authorizationKept' : 'forwarding.authorizationHint')}
            kind="password"
            maxLength={4096}
            value={draft.authorization}
            isWrong={false}
            onChange={(authorization) => onChange({ authorization })}
          />
          <Choice
            label={t('forwarding.transferSyntax')}
            words={[...new Set(['', ...lossless, draft.transferSyntax])]}
            nameOf={(uid) => (uid === '' ? t('forwarding.asStored') : (transferSyntaxes.get(uid) ?? uid))}
            value={draft.transferSyntax}
            onChange={(transferSyntax) => onChange({ transferSyntax })}
          />
        </>
      )}
    </Group>
  );
}

function HowPart({ draft, onChange, isWrong }: PartProps) {
  const { t } = useTranslation();
  return (
    <Group title={t('forwarding.how')}>
      <Line
        label={t('forwarding.fields.parallel')}
        hint={t('forwarding.parallelHint')}
        isNumber
        maxLength={2}
        value={draft.parallel}
        isWrong={isWrong('parallel')}
        onChange={(parallel) => onChange({ parallel })}
      />
      <Line
        label={t('forwarding.fields.bytesPerSecond')}
        hint={t('forwarding.bytesPerSecondHint')}
        isNumber
        maxLength={10}
        value={draft.bytesPerSecond}
        isWrong={isWrong('bytesPerSecond')}
        onChange={(bytesPerSecond) => onChange({ bytesPerSecond })}
      />
      <HoursFields hours={draft.hours} isWrong={isWrong('hours')} onChange={(hours) => onChange({ hours })} />
    </Group>
  );
}

interface FormProps {
  readonly destination: Destination | undefined;
  /** Those that are there. */
  readonly names: readonly string[];
  readonly onClose: () => void;
}

function Form({ destination, names, onClose }: FormProps) {
  const { t } = useTranslation();
  const refusalText = useRefusalText();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(() => destinationDraft(destination, new Date()));
  const [found, setFound] = useState<string>();
  const save = useMutation({
    mutationFn: () =>
      putDestination(draft.name.trim(), destinationSettings(draft, destination), new AbortController().signal),
    onSuccess: onClose,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['forwarding'] }),
  });
  const isTaken = destination === undefined && names.includes(draft.name.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const first = isTaken ? 'name' : firstWrong(draft);
    setFound(first);
    if (first === undefined) {
      save.mutate();
    }
  };
  const foundRule = found?.startsWith('coercion.') ? found.slice('coercion.'.length) : undefined;
  const wrongRule = useWrongRule('coercion')(foundRule, save.error);
  const wrong = found ?? (save.error instanceof RequestError ? save.error.field : undefined);
  const form = useFormRef(wrong);
  const problem = () => {
    if (wrongRule !== undefined) {
      return wrongRule.problem;
    }
    if (found !== undefined) {
      const field = t(`forwarding.fields.${found}`);
      return isTaken ? t('forwarding.taken') : t('machines.form.wrong', { field });
    }
    return save.isError ? refusalText(save.error) : undefined;
  };
  const part: PartProps = {
    draft,
    onChange: (change) => {
      setDraft({ ...draft, ...change });
      setFound(undefined);
      save.reset();
    },
    isWrong: (field) => field === wrong,
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
        <Line
          label={t('forwarding.fields.name')}
          isRequired
          isReadOnly={destination !== undefined}
          maxLength={64}
          value={draft.name}
          isWrong={part.isWrong('name')}
          onChange={(name) => part.onChange({ name })}
        />
        <Check
          label={t('forwarding.active')}
          hint={t('forwarding.activeHint')}
          value={draft.active}
          onChange={(active) => part.onChange({ active })}
        />
      </div>
      <WherePart {...part} hasSecret={destination?.has_authorization ?? false} />
      <HowPart {...part} />
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-2 text-sm font-semibold">{t('forwarding.coercion')}</legend>
        <p className="text-xs text-faint">{t('forwarding.coercionHint')}</p>
        <RuleList rules={draft.coercion} wrong={wrongRule} onChange={(coercion) => part.onChange({ coercion })} />
      </fieldset>
      <FormEnd
        problem={problem()}
        submit={t(destination ? 'machines.form.save' : 'forwarding.addDestination')}
        isBusy={save.isPending}
        onClose={onClose}
      />
    </form>
  );
}

export function DestinationDialog(props: FormProps) {
  const { t } = useTranslation();
  const { destination } = props;
  const title = destination ? t('forwarding.changeNamed', { name: destination.name }) : t('forwarding.newDestination');
  return (
    <FormDialog title={title} onClose={props.onClose}>
      <Form {...props} />
    </FormDialog>
  );
}
