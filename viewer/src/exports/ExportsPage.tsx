/** Who printed and exported pictures, of whom and when: for those who have to answer for it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileSearch, ServerCrash } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, fieldLook } from '../app/controls';
import { DayField } from '../app/DayField';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { readablePersonName } from '../dicomweb/dataSet';
import { cell, MachineFrame, Section, useMoment } from '../machines/Section';
import { type ExportRow, fetchExports } from '../server/exports';
import { readablePatient } from '../studyList/columns';
import { type ExportFilters, exportParameters, noFilters, pageRows } from './filters';
import './texts';

const columns = ['when', 'account', 'patient', 'what', 'images', 'identity', 'code'] as const;

function Word(props: { readonly label: string; readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <label className="flex flex-col gap-1 text-[13px] text-soft">
      {props.label}
      <input
        type="search"
        maxLength={64}
        value={props.value}
        onChange={({ target }) => props.onChange(target.value)}
        className={`${fieldLook} w-44`}
      />
    </label>
  );
}

function Filters({ onSearch }: { readonly onSearch: (filters: ExportFilters) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(noFilters);
  return (
    <search aria-label={t('exports.filters')}>
      <form
        className="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(typed);
        }}
      >
        <Word
          label={t('exports.account')}
          value={typed.account}
          onChange={(account) => setTyped({ ...typed, account })}
        />
        <Word
          label={t('exports.patientId')}
          value={typed.patientId}
          onChange={(patientId) => setTyped({ ...typed, patientId })}
        />
        <DayField label={t('exports.from')} value={typed.from} onChange={(from) => setTyped({ ...typed, from })} />
        <DayField label={t('exports.to')} value={typed.to} onChange={(to) => setTyped({ ...typed, to })} />
        <Button type="submit" look="primary">
          {t('exports.search')}
        </Button>
      </form>
    </search>
  );
}

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
  const failureText = useFailureText();
  const [filters, setFilters] = useState(noFilters);
  const list = useInfiniteQuery({
    queryKey: ['exports', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => fetchExports(exportParameters(filters, pageParam), signal),
    getNextPageParam: (last) => (last.length === pageRows ? last.at(-1)?.code : undefined),
  });
  const rows = list.data?.pages.flat() ?? [];
  return (
    <MachineFrame title={t('machines.exports')}>
      <Section title={t('exports.title')} text={t('exports.text')}>
        <Filters onSearch={setFilters} />
        {list.isError ? (
          <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(list.error)}>
            <RetryButton onPress={() => void list.refetch()} />
          </Notice>
        ) : null}
        {list.isSuccess && rows.length === 0 ? <Notice icon={FileSearch} title={t('exports.none')} /> : null}
        {rows.length > 0 ? (
          <table className="w-full text-sm" aria-label={t('exports.title')}>
            <thead className="text-xs text-faint">
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col" className={cell}>
                    {t(`exports.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.code} row={row} />
              ))}
            </tbody>
          </table>
        ) : null}
        {list.hasNextPage ? (
          <div className="border-t border-line p-4 text-center">
            <Button isBusy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
              {t('exports.more')}
            </Button>
          </div>
        ) : null}
      </Section>
    </MachineFrame>
  );
}
