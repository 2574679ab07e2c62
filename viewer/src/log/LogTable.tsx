/** A log: what it is looked through by, its rows page by page, and what is the matter instead. */
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { FileSearch, ServerCrash } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, fieldLook } from '../app/controls';
import { DayField } from '../app/DayField';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { cell } from '../machines/Section';
import { type LogFilters, noFilters } from './filters';
import './texts';

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

/** Fields that take effect when the button is pressed; `children` are those that only this log has. */
export function LogSearch(props: {
  readonly label: string;
  readonly onSearch: (filters: LogFilters) => void;
  readonly children?: ReactNode;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(noFilters);
  return (
    <search aria-label={props.label}>
      <form
        className="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          props.onSearch(typed);
        }}
      >
        <Word label={t('log.account')} value={typed.account} onChange={(account) => setTyped({ ...typed, account })} />
        <Word
          label={t('log.patientId')}
          value={typed.patientId}
          onChange={(patientId) => setTyped({ ...typed, patientId })}
        />
        {props.children}
        <DayField label={t('log.from')} value={typed.from} onChange={(from) => setTyped({ ...typed, from })} />
        <DayField label={t('log.to')} value={typed.to} onChange={(to) => setTyped({ ...typed, to })} />
        <Button type="submit" look="primary">
          {t('log.search')}
        </Button>
      </form>
    </search>
  );
}

/** The rows, last first, with a way to those before. */
export function LogTable<Row>(props: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly list: UseInfiniteQueryResult<InfiniteData<readonly Row[]>>;
  /** Stands here if there are none. */
  readonly none: string;
  readonly children: (row: Row) => ReactNode;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { list } = props;
  const rows = list.data?.pages.flat() ?? [];
  return (
    <>
      {list.isError ? (
        <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(list.error)}>
          <RetryButton onPress={() => void list.refetch()} />
        </Notice>
      ) : null}
      {list.isSuccess && rows.length === 0 ? <Notice icon={FileSearch} title={props.none} /> : null}
      {rows.length > 0 ? (
        <table className="w-full text-sm" aria-label={props.label}>
          <thead className="text-xs text-faint">
            <tr>
              {props.columns.map((column) => (
                <th key={column} scope="col" className={cell}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{rows.map(props.children)}</tbody>
        </table>
      ) : null}
      {list.hasNextPage ? (
        <div className="border-t border-line p-4 text-center">
          <Button isBusy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            {t('log.more')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
