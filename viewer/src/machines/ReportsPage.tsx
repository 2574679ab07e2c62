/** What machines report, ask to be told and are asked: storage commitments in both directions, studies that are here, and
 * performed procedure steps with what has not come. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ClipboardList, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DayField } from '../app/DayField';
import { Notice, useFailureText } from '../app/Notice';
import { readableDate, readableTime } from '../imaging/dates';
import { type Commitment, fetchCommitments, fetchSteps, retryCommitment, type Step } from '../server/reports';
import { AskedCommitments } from './AskedCommitments';
import { Notifications } from './Notifications';
import { Count, State, TroubleCells } from './reportCells';
import { Alert, cell, MachineFrame, Section, Table, useMoment } from './Section';

function CommitmentRow(props: {
  readonly commitment: Commitment;
  readonly isBusy: boolean;
  readonly onRetry: (commitment: Commitment) => void;
}) {
  const moment = useMoment();
  const { commitment } = props;
  const waits = commitment.state === 'reporting' || commitment.state === 'given up';
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {commitment.peer}
      </th>
      <td className={`${cell} tabular-nums text-soft`}>{moment(commitment.requested_ms)}</td>
      <Count all={commitment.instances} missing={commitment.failed} word="missing" />
      <td className={cell}>
        <State state={commitment.state} />
      </td>
      <TroubleCells of={commitment} waits={waits} isBusy={props.isBusy} onRetry={() => props.onRetry(commitment)} />
    </tr>
  );
}

function Commitments() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const list = useQuery({
    queryKey: ['reports', 'commitments'],
    queryFn: ({ signal }) => fetchCommitments(signal),
    refetchInterval: 10_000,
  });
  const retry = useMutation({
    mutationFn: ({ commitment }: Commitment) => retryCommitment(commitment, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['reports', 'commitments'] }),
  });
  const columns = ['machine', 'asked', 'instances', 'state', 'trouble', 'act'];
  return (
    <Section title={t('machines.reports.commitments')} text={t('machines.reports.commitmentsText')}>
      {retry.isError ? <Alert>{failureText(retry.error)}</Alert> : null}
      <Table
        list={list}
        columns={columns.map((column) => t(`machines.reports.columns.${column}`))}
        empty={<Notice icon={ShieldCheck} title={t('machines.reports.noCommitments')} />}
      >
        {(commitment) => (
          <CommitmentRow
            key={commitment.commitment}
            commitment={commitment}
            isBusy={retry.isPending}
            onRetry={retry.mutate}
          />
        )}
      </Table>
    </Section>
  );
}

function StepRow({ step }: { readonly step: Step }) {
  const { t } = useTranslation();
  const studies = [...new Set(step.scheduled.map(({ study }) => study))];
  const numbers = step.scheduled.map(({ accession_number }) => accession_number).filter((number) => number !== '');
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {step.station}
        <span className="block text-xs font-normal text-faint">{step.modality}</span>
      </th>
      <td className={`${cell} whitespace-nowrap tabular-nums`}>
        {readableTime(step.start_time)} <span className="text-faint">{readableDate(step.start_date)}</span>
        {step.end_time === '' ? null : (
          <span className="block text-xs text-faint">
            {t('machines.reports.until', { time: readableTime(step.end_time) })}
          </span>
        )}
      </td>
      <td className={cell}>
        {step.patient_id}
        <span className="block text-xs text-faint">{[...new Set(numbers)].join(', ')}</span>
      </td>
      <Count all={step.instances} missing={step.missing} word="missing" />
      <td className={cell}>
        <State state={step.state} />
      </td>
      <td className={cell}>
        {studies.map((study) => (
          <Link
            key={study}
            to="/studies/$studyUid"
            params={{ studyUid: study }}
            className="block text-accent hover:underline"
          >
            {t('machines.reports.open')}
          </Link>
        ))}
      </td>
    </tr>
  );
}

function Steps() {
  const { t } = useTranslation();
  const [day, setDay] = useState('');
  const list = useQuery({
    queryKey: ['reports', 'steps', day],
    queryFn: ({ signal }) => fetchSteps(day.replaceAll('-', ''), signal),
    refetchInterval: 10_000,
  });
  const columns = ['machine', 'performed', 'patient', 'instances', 'state', 'study'];
  return (
    <Section
      title={t('machines.reports.steps')}
      text={t('machines.reports.stepsText')}
      action={<DayField label={t('machines.reports.day')} value={day} onChange={setDay} />}
    >
      <Table
        list={list}
        columns={columns.map((column) => t(`machines.reports.columns.${column}`))}
        empty={<Notice icon={ClipboardList} title={t('machines.reports.noSteps')} />}
      >
        {(step) => <StepRow key={step.step} step={step} />}
      </Table>
    </Section>
  );
}

export function ReportsPage() {
  const { t } = useTranslation();
  return (
    <MachineFrame title={t('machines.reports.title')}>
      <Commitments />
      <AskedCommitments />
      <Notifications />
      <Steps />
    </MachineFrame>
  );
}
