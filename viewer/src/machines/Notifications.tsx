/** Machines that are told when a study is here, and whether they have heard. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Notice, useFailureText } from '../app/Notice';
import { fetchNotifications, type Notification, retryNotification } from '../server/reports';
import { State, TroubleCells } from './reportCells';
import { Alert, cell, Section, Table, useMoment } from './Section';

function NotificationRow(props: {
  readonly notification: Notification;
  readonly isBusy: boolean;
  readonly onRetry: (notification: Notification) => void;
}) {
  const { t } = useTranslation();
  const moment = useMoment();
  const { notification } = props;
  const waits = (notification.state === 'waiting' && notification.attempts > 0) || notification.state === 'given up';
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {notification.peer}
      </th>
      <td className={`${cell} tabular-nums text-soft`}>{moment(notification.queued_ms)}</td>
      <td className={cell}>
        <Link to="/studies/$studyUid" params={{ studyUid: notification.study }} className="text-accent hover:underline">
          {t('machines.reports.open')}
        </Link>
      </td>
      <td className={cell}>
        <State state={notification.state} />
      </td>
      <TroubleCells of={notification} waits={waits} isBusy={props.isBusy} onRetry={() => props.onRetry(notification)} />
    </tr>
  );
}

export function Notifications() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const list = useQuery({
    queryKey: ['reports', 'notifications'],
    queryFn: ({ signal }) => fetchNotifications(signal),
    refetchInterval: 10_000,
  });
  const retry = useMutation({
    mutationFn: ({ notification }: Notification) => retryNotification(notification, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['reports', 'notifications'] }),
  });
  const columns = ['machine', 'arrived', 'study', 'state', 'trouble', 'act'];
  return (
    <Section title={t('machines.reports.notifications')} text={t('machines.reports.notificationsText')}>
      {retry.isError ? <Alert>{failureText(retry.error)}</Alert> : null}
      <Table
        list={list}
        columns={columns.map((column) => t(`machines.reports.columns.${column}`))}
        empty={<Notice icon={BellOff} title={t('machines.reports.noNotifications')} />}
      >
        {(notification) => (
          <NotificationRow
            key={notification.notification}
            notification={notification}
            isBusy={retry.isPending}
            onRetry={retry.mutate}
          />
        )}
      </Table>
    </Section>
  );
}
