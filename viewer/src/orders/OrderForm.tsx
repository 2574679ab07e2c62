/** The form of an order: to create one, to change one, to cancel it, and to say how far its steps are. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button, fieldLook, IconButton } from '../app/controls';
import { DayField } from '../app/DayField';
import { useFailureText } from '../app/Notice';
import { fetchPeers } from '../server/machines';
import {
  cancelOrder,
  changeOrder,
  createOrder,
  type Order,
  type OrderDraft,
  type OrderStep,
  setStepStatus,
  stepStatuses,
  type Words,
} from '../server/orders';
import { RequestError } from '../server/request';
import { modalities } from '../studyList/filters';
import {
  draftOf,
  type Field,
  firstMissing,
  newDraft,
  newStep,
  patientFields,
  requestFields,
  stepFields,
} from './fields';

const choices: Partial<Record<Field['kind'], readonly string[]>> = {
  sex: ['F', 'M', 'O'],
  pregnancy: ['1', '2', '3', '4'],
  priority: ['ROUTINE', 'HIGH', 'STAT'],
};

interface FieldProps {
  readonly field: Field;
  readonly name: string;
  readonly value: string;
  readonly isWrong: boolean;
  readonly isReadOnly?: boolean;
  readonly stations: readonly string[];
  readonly onChange: (value: string) => void;
}

function FieldInput({ field, name, value, isWrong, isReadOnly, stations, onChange }: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const listed = field.kind === 'modality' ? modalities : field.kind === 'station' ? stations : undefined;
  const look = `${fieldLook} ${isWrong ? 'border-danger' : ''}`;
  const common = {
    id,
    name,
    value,
    'aria-invalid': isWrong,
    'aria-required': field.isRequired === true,
    className: look,
  };
  const chosen = choices[field.kind];
  if (field.kind === 'date') {
    return (
      <DayField
        label={t(`orders.fields.${field.name}`)}
        value={value}
        isRequired={field.isRequired === true}
        isInvalid={isWrong}
        onChange={onChange}
      />
    );
  }
  return (
    <div className={`flex flex-col gap-1 ${field.kind === 'lines' ? 'sm:col-span-2' : ''}`}>
      <label htmlFor={id} className="text-[13px] text-soft">
        {t(`orders.fields.${field.name}`)}
        {field.isRequired === true ? <span aria-hidden> *</span> : null}
      </label>
      {chosen ? (
        <select {...common} onChange={(event) => onChange(event.target.value)}>
          <option value="">{t('orders.unsaid')}</option>
          {chosen.map((choice) => (
            <option key={choice} value={choice}>
              {t(`orders.${field.kind}.${choice}`)}
            </option>
          ))}
        </select>
      ) : field.kind === 'lines' ? (
        <textarea
          {...common}
          rows={2}
          className={`${look} h-auto py-2`}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <input
          {...common}
          type={field.kind === 'time' ? 'time' : 'text'}
          readOnly={isReadOnly ?? false}
          maxLength={field.maxLength}
          autoComplete="off"
          spellCheck={false}
          {...(listed ? { list: `${id}-list` } : {})}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {listed ? (
        <datalist id={`${id}-list`}>
          {listed.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      ) : null}
    </div>
  );
}

/** The status of a step, which is said at once and not with the rest of the form. */
function StatusSelect(props: { readonly accessionNumber: string; readonly step: OrderStep }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const failureText = useFailureText();
  const id = useId();
  const [status, setStatus] = useState(props.step.status);
  const say = useMutation({
    mutationFn: (next: OrderStep['status']) =>
      setStepStatus(
        props.accessionNumber,
        props.step.words.scheduled_procedure_step_id ?? '',
        next,
        new AbortController().signal,
      ),
    onSuccess: (_, next) => setStatus(next),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['orders'] }),
  });
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[13px] text-soft">
        {t('orders.columns.status')}
      </label>
      <select
        id={id}
        value={status}
        disabled={say.isPending}
        className={fieldLook}
        onChange={(event) => {
          const next = stepStatuses.find((candidate) => candidate === event.target.value);
          if (next) {
            say.mutate(next);
          }
        }}
      >
        {stepStatuses.map((choice) => (
          <option key={choice} value={choice}>
            {t(`orders.status.${choice}`)}
          </option>
        ))}
      </select>
      {say.isError ? (
        <p role="alert" className="text-xs text-danger">
          {failureText(say.error)}
        </p>
      ) : null}
    </div>
  );
}

function useSaving(order: Order | undefined, onClose: () => void) {
  const queryClient = useQueryClient();
  const accessionNumber = order?.words.accession_number ?? '';
  const settle = {
    onSuccess: onClose,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['orders'] }),
  };
  const save = useMutation({
    mutationFn: (draft: OrderDraft) => {
      const { signal } = new AbortController();
      return order ? changeOrder(accessionNumber, draft, signal) : createOrder(draft, signal);
    },
    ...settle,
  });
  const cancel = useMutation({
    mutationFn: () => cancelOrder(accessionNumber, new AbortController().signal),
    ...settle,
  });
  return { save, cancel, accessionNumber };
}

function Form({ order, onClose }: { readonly order: Order | undefined; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [draft, setDraft] = useState(() => (order ? draftOf(order) : newDraft(new Date())));
  const [missing, setMissing] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  const { save, cancel, accessionNumber } = useSaving(order, onClose);
  const peers = useQuery({ queryKey: ['machines', 'peers'], queryFn: ({ signal }) => fetchPeers(signal) });
  const stations = (peers.data ?? []).filter(({ allow }) => allow.includes('worklist')).map((peer) => peer.ae_title);
  const failure = save.error ?? cancel.error;
  const wrong = missing ?? (failure instanceof RequestError ? failure.field : undefined);
  const isWrong = (name: string) => wrong !== undefined && (name === wrong || name.split('.')[0] === wrong);

  // Who types goes on where something is wrong.
  useEffect(() => {
    if (wrong !== undefined) {
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  }, [wrong]);

  const setStep = (place: number, words: Words) =>
    setDraft({ ...draft, steps: draft.steps.map((step, index) => (index === place ? words : step)) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const first = firstMissing(draft);
    setMissing(first);
    if (first === undefined) {
      save.mutate(draft);
    }
  };
  const explanation = () => {
    if (missing !== undefined) {
      return t('orders.missing', { field: t(`orders.fields.${missing.split('.')[0]}`) });
    }
    if (failure instanceof RequestError && failure.status === 409) {
      return t(failure.field === undefined ? 'orders.begun' : 'orders.exists');
    }
    if (failure instanceof RequestError && failure.field !== undefined) {
      return t('orders.wrong', { field: t(`orders.fields.${failure.field}`, { defaultValue: failure.field }) });
    }
    return failureText(failure);
  };

  const fields = (shown: readonly Field[], words: Words, onChange: (words: Words) => void, place?: number) =>
    shown.map((field) => {
      const name = place === undefined ? field.name : `${field.name}.${place}`;
      return (
        <FieldInput
          key={name}
          field={field}
          name={name}
          value={words[field.name] ?? ''}
          isWrong={isWrong(name)}
          isReadOnly={order !== undefined && field.name === 'accession_number'}
          stations={stations}
          onChange={(value) => onChange({ ...words, [field.name]: value })}
        />
      );
    });
  const setWords = (words: Words) => setDraft({ ...draft, words });
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
      <fieldset className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
        <legend className="mb-2 text-sm font-semibold">{t('orders.patient')}</legend>
        {fields(patientFields, draft.words, setWords)}
      </fieldset>
      <fieldset className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
        <legend className="mb-2 text-sm font-semibold">{t('orders.request')}</legend>
        {fields(requestFields, draft.words, setWords)}
      </fieldset>
      {draft.steps.map((step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step that is new has nothing else that names it
        <fieldset key={place} className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
          <legend className="mb-2 flex items-center gap-2 text-sm font-semibold">
            {t('orders.step', { number: place + 1 })}
            {draft.steps.length > 1 ? (
              <IconButton
                icon={X}
                label={t('orders.removeStep', { number: place + 1 })}
                onPress={() => setDraft({ ...draft, steps: draft.steps.filter((_, index) => index !== place) })}
              />
            ) : null}
          </legend>
          {fields(stepFields, step, (words) => setStep(place, words), place)}
          {order?.steps
            .filter(({ words }) => words.scheduled_procedure_step_id === step.scheduled_procedure_step_id)
            .map((kept) => (
              <StatusSelect
                key={kept.words.scheduled_procedure_step_id ?? ''}
                accessionNumber={accessionNumber}
                step={kept}
              />
            ))}
        </fieldset>
      ))}
      {missing !== undefined || failure ? (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
          {explanation()}
        </p>
      ) : null}
      <footer className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isDisabled={save.isPending}>
          {t(order ? 'orders.save' : 'orders.create')}
        </Button>
        <Button
          onPress={() => {
            const { scheduled_procedure_step_start_date: day, scheduled_procedure_step_start_time: time } =
              draft.steps.at(-1) ?? {};
            setDraft({ ...draft, steps: [...draft.steps, newStep(day ?? '', time ?? '')] });
          }}
        >
          <Plus size={16} aria-hidden />
          {t('orders.addStep')}
        </Button>
        {order ? (
          <Button
            isDisabled={cancel.isPending}
            onPress={() => {
              if (window.confirm(t('orders.confirmCancel', { number: accessionNumber }))) {
                cancel.mutate();
              }
            }}
          >
            {t('orders.cancel')}
          </Button>
        ) : null}
        <Button look="quiet" onPress={onClose}>
          {t('common.close')}
        </Button>
      </footer>
    </form>
  );
}

/** The form over the list. */
export function OrderDialog({ order, onClose }: { readonly order: Order | undefined; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6"
    >
      <Modal className="max-h-full w-full max-w-3xl overflow-auto rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog className="p-6 outline-none">
          <header className="mb-4 flex items-center justify-between">
            <Heading slot="title" className="text-lg font-semibold">
              {order ? t('orders.change', { number: order.words.accession_number }) : t('orders.new')}
            </Heading>
            <IconButton icon={X} label={t('common.close')} onPress={onClose} />
          </header>
          <Form order={order} onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
