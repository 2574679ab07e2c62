/** Who printed and exported pictures, of whom and when: for those who have to answer for it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readablePersonName } from '../dicomweb/dataSet';
import { cell, MachineFrame, Section, useMoment } from '../machines/Section';
import { type ExportRow, fetchExports } from '../server/exports';
import { readablePatient } from '../studyList/columns';
import { type LogFilters, logParameters, noFilters, pageRows } from './filters';
import { LogSearch, LogTable } from './LogTable';
import './texts';

const columns = ['when', 'account', 'patient', 'what', 'images', 'identity', 'code'] as const;

function Row({ row }: { readonly row: ExportRow }) {
  const { t } = useTranslation();
  const moment = useMoment();
  const isHere = row.patient_id !== '' || row.patient_name !== '';
  return (
    <tr className="border-t border-line">
      <td className={`${cell} whitespace-nowrap tabular-nums`}>{moment(row.at_ms)}</td>
      <th scope="row" className={`${cell} font-medium`}>
        {row.exported_by}
        <span className="block text-xs font-normal text-faint tabular-nums">{row.address}</span>
      </th>
      <td className={`${cell} wrap-anywhere`}>
        {isHere ? (
          <Link to="/studies/$studyUid" params={{ studyUid: row.study }} className="text-accent hover:underline">
            {readablePatient(readablePersonName(row.patient_name), t)}
          </Link>
        ) : (
          t('exports.gone')
        )}
        <span className="block text-xs text-faint">{isHere ? row.patient_id : row.study}</span>
      </td>
      <td className={cell}>{t(`exports.format.${row.format}`)}</td>
      <td className={`${cell} tabular-nums`}>{row.images}</td>
      <td className={cell}>{row.with_identity ? t('exports.withIdentity') : t('exports.withoutIdentity')}</td>
      <td className={`${cell} font-mono text-xs whitespace-nowrap`}>{row.code}</td>
    </tr>
  );
}

export function ExportsPage() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [filters, setFilters] = useState(noFilters);
  const list = useInfiniteQuery({
    queryKey: ['exports', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => fetchExports(logParameters(filters, 'account', { before: pageParam }), signal),
    getNextPageParam: (last) => (last.length === pageRows ? last.at(-1)?.code : undefined),
  });
  // Searched again, it shows what came meanwhile.
  const search = (wanted: LogFilters) => {
    setFilters(wanted);
    void queryClient.invalidateQueries({ queryKey: ['exports'] });
  };
  return (
    <MachineFrame title={t('machines.exports')}>
      <Section title={t('exports.title')} text={t('exports.text')}>
        <LogSearch label={t('exports.filters')} onSearch={search} />
        <LogTable
          label={t('exports.title')}
          columns={columns.map((column) => t(`exports.columns.${column}`))}
          list={list}
          none={t('exports.none')}
        >
          {(row) => <Row key={row.code} row={row} />}
        </LogTable>
      </Section>
    </MachineFrame>
  );
}
