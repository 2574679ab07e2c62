/** The study list: search, filters, rows, word of what is new, and what administrators do with several studies. */
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Navigate, useNavigate } from '@tanstack/react-router';
import { ArrowUp, FolderOpen, SearchX, ServerCrash, WifiOff } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { useMay, useSession } from '../app/session';
import { TopBar } from '../app/TopBar';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { ListedStudy } from '../server/studyList';
import { FilterBar } from './FilterBar';
import { isFiltered, type ListFilters, parseListFilters, type SortKey, sortedBy } from './filters';
import type { Marked } from './marking';
import { useOpeningFilter } from './openingFilter';
import { shownColumns, usePreferences } from './preferences';
import { markStudy } from './readMarks';
import { StudyTable } from './StudyTable';
import { useIsPhone } from './useIsPhone';
import { useStudies } from './useStudies';
import { showInSecondWindow } from './windows';

const SendBar = lazy(() => import('../remote/SendBar').then(({ SendBar: component }) => ({ default: component })));

const ListMenu = lazy(() => import('./ListMenu').then(({ ListMenu: component }) => ({ default: component })));

const route = getRouteApi('/');

/** The list, or the log for who watches over what others do and sees no study. */
export function StudyListPage() {
  return useMay('search') ? <StudyList /> : <Navigate to="/machines/log" replace />;
}

function StudyList() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const scrollRef = useRef<HTMLDivElement>(null);
  const inputRef = useRef<HTMLInputElement>(null);
  const isAtTop = useCallback(() => (scrollRef.current?.scrollTop ?? 0) < 8, []);
  const session = useSession();
  const account = session?.account ?? '';
  const mayMark = useMay('manage_peers');
  const isPhone = useIsPhone();
  const preferences = usePreferences(account);
  const queryClient = useQueryClient();
  const goTo = useNavigate();
  const [trouble, setTrouble] = useState<string>();

  const setFilters = useCallback(
    (next: ListFilters) => void navigate({ to: '/', search: next, replace: true }),
    [navigate],
  );
  const isOpened = useOpeningFilter(account, filters, setFilters);
  const { query, studies, arrivedCount, takeIn, isLive } = useStudies(filters, isOpened, isAtTop);
  const [marked, setMarked] = useState<Marked>(new Set());
  const [isSending, setSending] = useState(false);
  // What is marked and no longer listed is left alone.
  const chosen = marked.size === 0 ? [] : studies.filter(({ studyInstanceUid }) => marked.has(studyInstanceUid));
  const marking = {
    marked: new Set(chosen.map(({ studyInstanceUid }) => studyInstanceUid)),
    onMark: setMarked,
    onSend: () => setSending(true),
  };

  const open = useCallback(
    async (studyUid: StudyInstanceUid, inSecondWindow: boolean) => {
      setTrouble(undefined);
      if (!isPhone && (inSecondWindow || preferences.elsewhere)) {
        if (!(await showInSecondWindow(studyUid))) {
          setTrouble(t('list.blocked'));
        }
      } else {
        await goTo({ to: '/studies/$studyUid', params: { studyUid } });
      }
    },
    [goTo, isPhone, preferences.elsewhere, t],
  );

  const onMarkRead = useCallback(
    (study: StudyInstanceUid, isRead: boolean) => {
      setTrouble(undefined);
      markStudy(queryClient, study, isRead).catch((error: unknown) => setTrouble(failureText(error)));
    },
    [queryClient, failureText],
  );

  const onPriors = ({ patientId, issuerOfPatientId: issuer }: ListedStudy) =>
    setFilters(parseListFilters({ patient: patientId, issuer }));
  const onSort = (key: SortKey) => {
    scrollRef.current?.scrollTo({ top: 0 });
    setFilters(sortedBy(filters, key));
  };

  useEffect(() => {
    document.title = `${t('list.title')} · ${t('app.name')}`;
  }, [t]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        inputRef.current?.focus();
        inputRef.current?.select();
      } else if (
        isTyping &&
        event.target === inputRef.current &&
        (event.key === 'ArrowDown' || event.key === 'Enter')
      ) {
        event.preventDefault();
        scrollRef.current?.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const showNew = () => {
    scrollRef.current?.scrollTo({ top: 0 });
    void takeIn();
  };

  const { fetchNextPage } = query;
  const onNearEnd = useCallback(() => void fetchNextPage(), [fetchNextPage]);

  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <main className="relative flex min-h-0 flex-1 flex-col">
        <h1 className="sr-only">{t('list.title')}</h1>
        <FilterBar filters={filters} onChange={setFilters} inputRef={inputRef} isPhone={isPhone} />
        {query.isPending || isPhone ? null : (
          <Suspense fallback={<div className="h-12 shrink-0 border-b border-line bg-panel" />}>
            <ListMenu filters={filters} onChange={setFilters} account={account} isPhone={isPhone} />
          </Suspense>
        )}
        {trouble === undefined ? null : (
          <p role="alert" className="border-b border-line bg-danger-deep px-4 py-2 text-sm text-danger">
            {trouble}
          </p>
        )}
        {arrivedCount > 0 ? (
          <div className="absolute top-18 left-1/2 z-20 -translate-x-1/2 shadow-xl shadow-black/60" role="status">
            <Button look="primary" onPress={showNew}>
              <ArrowUp size={16} aria-hidden />
              {t('list.arrived', { count: arrivedCount })}
            </Button>
          </div>
        ) : null}
        {query.isError && studies.length === 0 ? (
          <Notice icon={ServerCrash} tone="danger" title={t('list.failed')} text={failureText(query.error)}>
            <RetryButton onPress={() => void query.refetch()} />
          </Notice>
        ) : query.isPending ? (
          <Skeleton label={t('common.loading')} />
        ) : studies.length === 0 ? (
          isFiltered(filters) ? (
            <Notice icon={SearchX} title={t('list.noMatch')} text={t('list.noMatchText')}>
              <Button onPress={() => setFilters(filters.order === undefined ? {} : { order: filters.order })}>
                {t('list.clearFilters')}
              </Button>
            </Notice>
          ) : (
            <Notice icon={FolderOpen} title={t('list.empty')} text={t('list.emptyText')} />
          )
        ) : (
          <StudyTable
            studies={studies}
            columns={shownColumns(preferences)}
            order={filters.order}
            onSort={onSort}
            isPhone={isPhone}
            onOpen={(study, inSecondWindow) => void open(study, inSecondWindow)}
            onMarkRead={onMarkRead}
            onPriors={onPriors}
            hasMore={query.hasNextPage}
            isFetchingMore={query.isFetchingNextPage}
            onNearEnd={onNearEnd}
            scrollRef={scrollRef}
            marking={mayMark && !isPhone ? marking : undefined}
          />
        )}
        {chosen.length === 0 && !isSending ? null : (
          <Suspense>
            <SendBar
              studies={chosen}
              isSending={isSending}
              onSend={setSending}
              onClear={() => {
                setMarked(new Set());
                scrollRef.current?.focus();
              }}
            />
          </Suspense>
        )}
        <footer className="flex h-8 shrink-0 items-center gap-4 border-t border-line bg-panel px-4 text-xs text-faint">
          <span role="status">
            {query.isPending ? '' : t(query.hasNextPage ? 'list.countMore' : 'list.count', { count: studies.length })}
          </span>
          {query.isError && studies.length > 0 ? (
            <span role="alert" className="text-danger">
              {failureText(query.error)}
            </span>
          ) : null}
          <span className="ml-auto flex items-center gap-1.5">
            {isLive ? (
              <>
                <span aria-hidden className="size-1.5 rounded-full bg-good" />
                {t('list.live')}
              </>
            ) : (
              <>
                <WifiOff size={13} aria-hidden className="text-warn" />
                {t('list.notLive')}
              </>
            )}
          </span>
        </footer>
      </main>
    </div>
  );
}

/** Rows that are on their way. */
function Skeleton({ label }: { readonly label: string }) {
  return (
    <div role="status" aria-label={label} className="flex-1 overflow-hidden px-4 pt-10">
      {[70, 55, 62, 48, 66, 58, 51, 64].map((width) => (
        <div key={width} className="flex h-10 items-center border-b border-line/60">
          <div className="h-3 animate-pulse rounded bg-raised" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
