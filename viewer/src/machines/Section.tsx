/** A part of these pages, with what it is about; and the frame they stand in. */
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { TopBar } from '../app/TopBar';

export const cell = 'px-5 py-2.5 text-left';

export function Section(props: {
  readonly title: string;
  readonly text: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section aria-label={props.title} className="rounded-xl border border-line bg-panel">
      <header className="flex items-center justify-between gap-4 border-b border-line px-5 py-4">
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

/** What went wrong with an act of the page. */
export function Alert({ children }: { readonly children: ReactNode }) {
  return (
    <p role="alert" className="m-4 rounded-md bg-danger-deep px-3 py-2 text-sm text-red-200">
      {children}
    </p>
  );
}

const tabLook = 'rounded-md px-2.5 py-1.5 text-sm text-soft hover:bg-hover hover:text-ink';
const chosenTab = { className: 'bg-raised text-ink' };

/** The frame: the bar, the heading, and the way to the neighbour. */
export function MachineFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { t } = useTranslation();
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
            <nav aria-label={t('machines.pages')} className="flex gap-1">
              <Link to="/machines" className={tabLook} activeOptions={{ exact: true }} activeProps={chosenTab}>
                {t('machines.title')}
              </Link>
              <Link to="/machines/reports" className={tabLook} activeProps={chosenTab}>
                {t('machines.reports.title')}
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
