/** Who did what, to whose study, from where and when: for those who have to answer for it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLook } from '../app/controls';
import { Badge, cell, MachineFrame, Section, useMoment } from '../machines/Section';
import { type AuditedAct, type AuditRow, auditedActs, fetchAuditLog } from '../server/auditLog';
import { type LogFilters, logParameters, noFilters, pageRows } from './filters';
import { LogSearch, LogTable } from './LogTable';
import './texts';

const columns = ['when', 'who', 'act', 'patient', 'detail'] as const;

function ActField({
  value,
  onChange,
}: {
  readonly value: AuditedAct | '';
  readonly onChange: (act: AuditedAct | '') => void;
}) {
  const { t } = useTranslation();
  return (
    <label className="flex flex-col gap-1 text-[13px] text-soft">
      {t('audit.act')}
      <select
        value={value}
        onChange={({ target }) => onChange(auditedActs.find((act) => act === target.value) ?? '')}
        className={`${fieldLook} w-44`}
      >
        <option value="">{t('audit.anyAct')}</option>
        {auditedActs.map((act) => (
          <option key={act} value={act}>
            {t(`audit.acts.${act}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Row({ row }: { readonly row: AuditRow }) {
  const { t } = useTranslation();
  const moment = useMoment();
  const node = row.ae_title === '' || row.actor.endsWith(row.ae_title) ? '' : t('audit.by', { node: row.ae_title });
  return (
    <tr className="border-t border-line align-top">
      <td className={`${cell} whitespace-nowrap tabular-nums`}>{moment(row.at_ms)}</td>
      <th scope="row" className={`${cell} font-medium`}>
        {row.actor}
        <span className="block text-xs font-normal text-faint tabular-nums">
          {[row.address, node].filter(Boolean).join(' · ')}
        </span>
      </th>
      <td className={`${cell} whitespace-nowrap`}>
        {t(`audit.acts.${row.act}`)}
        {row.outcome === 'done' ? null : (
          <span className="mt-1 block">
            <Badge look="warn">{t(`audit.outcomes.${row.outcome}`)}</Badge>
          </span>
        )}
      </td>
      <td className={`${cell} wrap-anywhere`}>
        {[row.patient_id, row.issuer_of_patient_id].filter(Boolean).join(' · ')}
        {row.study === '' ? null : (
          <Link
            to="/studies/$studyUid"
            params={{ studyUid: row.study }}
            className="block text-xs text-accent hover:underline"
          >
            {row.study}
          </Link>
        )}
      </td>
      <td className={`${cell} wrap-anywhere`}>
        {[row.purpose, row.detail].filter(Boolean).join(' · ')}
        {row.count === null ? null : (
          <span className="block text-xs text-faint tabular-nums">{t('audit.count', { count: row.count })}</span>
        )}
      </td>
    </tr>
  );
}

export function AuditPage() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [filters, setFilters] = useState(noFilters);
  const [act, setAct] = useState<AuditedAct | ''>('');
  const list = useInfiniteQuery({
    queryKey: ['auditLog', filters, act],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) =>
      fetchAuditLog(logParameters(filters, 'actor', { act, before: pageParam }), signal),
    getNextPageParam: (last) => (last.length === pageRows ? last.at(-1)?.sequence : undefined),
  });
  // Searched again, it shows what came meanwhile.
  const search = (wanted: LogFilters) => {
    setFilters(wanted);
    void queryClient.invalidateQueries({ queryKey: ['auditLog'] });
  };
  return (
    <MachineFrame title={t('machines.log')}>
      <Section title={t('audit.title')} text={t('audit.text')}>
        <LogSearch label={t('audit.filters')} onSearch={search}>
          <ActField value={act} onChange={setAct} />
        </LogSearch>
        <LogTable
          label={t('audit.title')}
          columns={columns.map((column) => t(`audit.columns.${column}`))}
          list={list}
          none={t('audit.none')}
        >
          {(row) => <Row key={row.sequence} row={row} />}
        </LogTable>
      </Section>
    </MachineFrame>
  );
}
