/** What machines were asked to vouch for, and what they said. */
import { useQuery } from '@tanstack/react-query';
import { Handshake } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../app/Notice';
import { useReason } from '../remote/useReason';
import { type Asked, fetchAsked } from '../server/reports';
import { Count, State } from './reportCells';
import { cell, Section, Table, useMoment } from './Section';

const columns = ['machine', 'asked', 'instances', 'state', 'answered', 'why'] as const;

function AskedRow({ asked }: { readonly asked: Asked }) {
  const moment = useMoment();
  const reasonText = useReason();
  // What went wrong with the request counts no more once it was answered.
  const why = asked.answered_ms == null ? [asked.trouble ?? ''] : asked.reasons;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {asked.peer}
      </th>
      <td className={`${cell} tabular-nums text-soft`}>{moment(asked.asked_ms)}</td>
      <Count all={asked.instances} missing={asked.refused} word="refused" />
      <td className={cell}>
        <State state={asked.state} />
      </td>
      <td className={`${cell} tabular-nums text-soft`}>{moment(asked.answered_ms)}</td>
      <td className={`${cell} text-soft`}>
        {why.map((reason) => (
          <span key={reason} className="block">
            {reasonText(reason)}
          </span>
        ))}
      </td>
    </tr>
  );
}

export function AskedCommitments() {
  const { t } = useTranslation();
  const list = useQuery({
    queryKey: ['reports', 'asked'],
    queryFn: ({ signal }) => fetchAsked(signal),
    refetchInterval: 10_000,
  });
  return (
    <Section title={t('machines.reports.askedCommitments')} text={t('machines.reports.askedCommitmentsText')}>
      <Table
        list={list}
        columns={columns.map((column) => t(`machines.reports.columns.${column}`))}
        empty={<Notice icon={Handshake} title={t('machines.reports.noAskedCommitments')} />}
      >
        {(asked) => <AskedRow key={asked.transaction} asked={asked} />}
      </Table>
    </Section>
  );
}
