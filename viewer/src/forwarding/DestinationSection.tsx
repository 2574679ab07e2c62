/** Destinations: where each is, how much is on its way there, what is in the way, and the ways to change that. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus, RotateCw, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { Notice, useFailureText } from '../app/Notice';
import { Alert, Badge, cell, Section, Table, useMoment } from '../machines/Section';
import {
  type Destination,
  type ForwardState,
  fetchDestinations,
  removeDestination,
  retryForwards,
} from '../server/forwarding';
import { RequestError } from '../server/request';
import { DestinationDialog } from './DestinationForm';
import { InstancesDialog } from './InstancesDialog';
import { Trouble } from './Trouble';

const columns = ['destination', 'state', 'waiting', 'sent', 'failed'] as const;

/** Which dialog is open, and about which destination; about none it is of a new one. */
type Opened = { readonly dialog: 'settings' | ForwardState; readonly name?: string };

export function DestinationSection() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const [opened, setOpened] = useState<Opened>();
  const list = useQuery({
    queryKey: ['forwarding', 'destinations'],
    queryFn: ({ signal }) => fetchDestinations(signal),
    refetchInterval: 5_000,
  });
  const settle = { onSettled: () => queryClient.invalidateQueries({ queryKey: ['forwarding'] }) };
  const remove = useMutation({
    mutationFn: (name: string) => removeDestination(name, new AbortController().signal),
    ...settle,
  });
  const retry = useMutation({
    mutationFn: (name: string) => retryForwards(name, new AbortController().signal),
    ...settle,
  });
  const failure = remove.error ?? retry.error;
  const isNamed = failure instanceof RequestError && failure.status === 409;
  const close = () => setOpened(undefined);
  return (
    <Section
      title={t('forwarding.destinations')}
      text={t('forwarding.destinationsText')}
      action={
        <Button look="primary" onPress={() => setOpened({ dialog: 'settings' })}>
          <Plus size={16} aria-hidden />
          {t('forwarding.addDestination')}
        </Button>
      }
    >
      {failure === null ? null : <Alert>{isNamed ? t('forwarding.named') : failureText(failure)}</Alert>}
      <Table
        list={list}
        columns={[...columns.map((column) => t(`forwarding.columns.${column}`)), '']}
        empty={<Notice icon={Send} title={t('forwarding.noDestinations')} text={t('forwarding.noDestinationsText')} />}
      >
        {(destination) => (
          <DestinationRow
            key={destination.name}
            destination={destination}
            isBusy={remove.isPending || retry.isPending}
            onOpen={setOpened}
            onRetry={retry.mutate}
            onRemove={remove.mutate}
          />
        )}
      </Table>
      {opened?.dialog === 'settings' ? (
        <DestinationDialog
          destination={list.data?.find(({ name }) => name === opened.name)}
          names={(list.data ?? []).map(({ name }) => name)}
          onClose={close}
        />
      ) : null}
      {opened !== undefined && opened.dialog !== 'settings' && opened.name !== undefined ? (
        <InstancesDialog name={opened.name} state={opened.dialog} onRetry={retry.mutate} onClose={close} />
      ) : null}
    </Section>
  );
}

function DestinationRow(props: {
  readonly destination: Destination;
  readonly isBusy: boolean;
  readonly onOpen: (opened: Opened) => void;
  readonly onRetry: (name: string) => void;
  readonly onRemove: (name: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const { destination } = props;
  const { name, target, failed } = destination;
  const number = (value: number) => value.toLocaleString(i18n.language);
  /** How many are in a state; they are listed behind it. */
  const count = (state: ForwardState, text: string) =>
    destination[state] === 0 ? null : (
      <Button
        label={t(`forwarding.lists.${state}.show`, { count: destination[state], name })}
        onPress={() => props.onOpen({ dialog: state, name })}
      >
        {text}
      </Button>
    );
  const where = 'peer' in target ? t('forwarding.toPeer', { name: target.peer }) : target.web.url;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {name}
        <span className="block max-w-64 truncate text-xs font-normal text-faint" title={where}>
          {where}
        </span>
      </th>
      <td className={`${cell} max-w-80`}>
        <DestinationState destination={destination} />
      </td>
      <td className={`${cell} tabular-nums`}>{count('waiting', number(destination.waiting)) ?? number(0)}</td>
      <td className={`${cell} tabular-nums`}>
        {number(destination.sent)}
        {destination.unproven === 0 ? null : (
          <span className="mt-1 block">
            {count('unproven', t('forwarding.unproven', { count: destination.unproven }))}
          </span>
        )}
      </td>
      <td className={`${cell} tabular-nums`}>{count('failed', number(failed)) ?? number(0)}</td>
      <td className="px-5 py-1">
        <div className="flex items-center justify-end gap-1">
          {failed === 0 && destination.trouble == null ? null : (
            <IconButton
              icon={RotateCw}
              label={t('forwarding.retryNamed', { name })}
              isDisabled={props.isBusy}
              onPress={() => props.onRetry(name)}
            />
          )}
          <IconButton
            icon={Pencil}
            label={t('forwarding.changeNamed', { name })}
            onPress={() => props.onOpen({ dialog: 'settings', name })}
          />
          <IconButton
            icon={Trash2}
            label={t('machines.removeNamed', { name })}
            isDisabled={props.isBusy}
            onPress={() => {
              if (window.confirm(t('forwarding.confirmRemove', { name }))) {
                props.onRemove(name);
              }
            }}
          />
        </div>
      </td>
    </tr>
  );
}

/** Whether it is sent to, else what is in the way and when it is tried again. */
function DestinationState({ destination }: { readonly destination: Destination }) {
  const { t } = useTranslation();
  const moment = useMoment();
  const { active, trouble, next_ms, hours } = destination;
  if (!active) {
    return <Badge look="plain">{t('forwarding.off')}</Badge>;
  }
  if (trouble != null) {
    return (
      <>
        <Trouble words={trouble} />
        <span className="block text-xs text-soft">{t('forwarding.nextTime', { time: moment(next_ms) })}</span>
      </>
    );
  }
  return (
    <>
      <Badge look="good">{t('forwarding.on')}</Badge>
      {hours == null ? null : <span className="mt-1 block text-xs tabular-nums text-faint">{hours}</span>}
    </>
  );
}
