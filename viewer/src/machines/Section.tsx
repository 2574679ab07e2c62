/** A part of these pages, with what it is about and a table; and the frame they stand in. */
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ServerCrash } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { useMay } from '../app/session';
import { TopBar } from '../app/TopBar';
import './texts';

export const cell = 'px-5 py-2.5 text-left';

export function Section(props: {
  readonly title: string;
  readonly text: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section aria-label={props.title} className="rounded-xl border border-line bg-panel">
      <header className="flex items-center justify-between gap-4 border-b border-line px-5 py-4 max-sm:flex-col max-sm:items-start">
        <div>
          <h2 className="text-base font-semibold">{props.title}</h2>
          <p className="mt-0.5 text-sm text-soft">{props.text}</p>
        </div>
        {props.action}
      </header>
      <div className="overflow-x-auto">{props.children}</div>
    </section>
  );
}

/** The rows that the server sent, or what is the matter instead. A column without a name is one of acts. */
export function Table<Row>(props: {
  readonly list: UseQueryResult<readonly Row[]>;
  readonly columns: readonly string[];
  /** Stands here if there are none. */
  readonly empty: ReactNode;
  readonly children: (row: Row) => ReactNode;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { data, isError, error, refetch } = props.list;
  if (isError) {
    return (
      <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(error)}>
        <RetryButton onPress={() => void refetch()} />
      </Notice>
    );
  }
  if (data?.length === 0) {
    return props.empty;
  }
  return (
    <table className="w-full text-sm">
      <thead className="text-xs text-faint">
        <tr>
          {props.columns.map((column) =>
            column === '' ? (
              <td key={column} className={cell} />
            ) : (
              <th key={column} scope="col" className={cell}>
                {column}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>{data?.map(props.children)}</tbody>
    </table>
  );
}

/** A state in a word, with the colours that it has. */
export function Badge({ look, children }: { readonly look: keyof typeof badgeLooks; readonly children: ReactNode }) {
  return <span className={`rounded px-2 py-0.5 text-xs whitespace-nowrap ${badgeLooks[look]}`}>{children}</span>;
}

const badgeLooks = {
  plain: 'bg-raised text-soft',
  busy: 'bg-accent-deep/45 text-ink',
  good: 'bg-good/15 text-good',
  warn: 'bg-warn/20 text-warn',
  danger: 'bg-danger-deep text-danger',
} as const;

/** What went wrong with an act of the page. */
export function Alert({ children }: { readonly children: ReactNode }) {
  return (
    <p role="alert" className="m-4 rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
      {children}
    </p>
  );
}

const tabLook = 'rounded-md px-2.5 py-1.5 text-sm text-soft hover:bg-hover hover:text-ink';
const chosenTab = { className: 'bg-raised text-ink' };

/** The frame: the bar, the heading, and the way to the neighbour. */
export function MachineFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { t } = useTranslation();
  const mayManage = useMay('manage_peers');
  const mayManageAccounts = useMay('manage_accounts');
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <main className="min-h-0 flex-1 overflow-auto">
        <div className="mx-auto flex max-w-6xl flex-col gap-5 p-6">
          <header className="flex flex-wrap items-center justify-between gap-4">
            <h1 className="text-xl font-semibold">{title}</h1>
            <nav aria-label={t('machines.pages')} className="flex flex-wrap gap-1">
              {mayManage ? (
                <>
                  <Link to="/machines" className={tabLook} activeOptions={{ exact: true }} activeProps={chosenTab}>
                    {t('machines.title')}
                  </Link>
                  <Link to="/machines/reports" className={tabLook} activeProps={chosenTab}>
                    {t('machines.reports.title')}
                  </Link>
                  <Link to="/forwarding" className={tabLook} activeProps={chosenTab}>
                    {t('machines.forwarding')}
                  </Link>
                </>
              ) : null}
              {mayManageAccounts ? (
                <Link to="/machines/accounts" className={tabLook} activeProps={chosenTab}>
                  {t('machines.accounts')}
                </Link>
              ) : null}
              <Link to="/machines/exports" className={tabLook} activeProps={chosenTab}>
                {t('machines.exports')}
              </Link>
              <Link to="/machines/log" className={tabLook} activeProps={chosenTab}>
                {t('machines.log')}
              </Link>
            </nav>
          </header>
          {children}
        </div>
      </main>
    </div>
  );
}

/** A moment as people here write it. */
export function useMoment(): (ms: number | null | undefined) => string {
  const { i18n } = useTranslation();
  return (ms) => (ms ? new Date(ms).toLocaleString(i18n.language === 'vi' ? 'vi-VN' : 'en-GB') : '');
}
