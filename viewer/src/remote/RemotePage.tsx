/** Searches another archive, and fetches studies from it. For administrators. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Download, Network, Search, SearchX, ServerCrash } from 'lucide-react';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, fieldLook } from '../app/controls';
import { DayField } from '../app/DayField';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { TopBar } from '../app/TopBar';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { Choice, Line } from '../machines/fields';
import type { Peer } from '../server/machines';
import { type Found, fetchNodes, searchNode } from '../server/transfers';
import { modalities } from '../studyList/filters';
import { noFilters, type RemoteFilters, remoteKeys } from './keys';
import { ResultTable } from './ResultTable';
import { useHere } from './useHere';
import { useTransfers } from './useTransfers';
import './texts';

/** What was searched for, and where. A number tells the same search again from the one before. */
interface Asked {
  readonly aeTitle: string;
  readonly filters: RemoteFilters;
  readonly time: number;
}

function SearchForm(props: {
  readonly nodes: readonly Peer[];
  readonly isBusy: boolean;
  readonly onSearch: (aeTitle: string, filters: RemoteFilters) => void;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState('');
  const [filters, setFilters] = useState(noFilters);
  const titles = props.nodes.map(({ ae_title }) => ae_title);
  const aeTitle = titles.find((title) => title === chosen) ?? titles[0] ?? '';
  const change = (next: Partial<RemoteFilters>) => setFilters({ ...filters, ...next });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onSearch(aeTitle, filters);
  };
  return (
    <form
      onSubmit={submit}
      className="grid shrink-0 grid-cols-2 items-end gap-x-3 gap-y-2.5 border-b border-line bg-panel px-4 py-3 lg:grid-cols-[minmax(9rem,1fr)_minmax(10rem,1.6fr)_minmax(8rem,1fr)_8.5rem_8.5rem_7rem_auto]"
    >
      <Choice label={t('remote.node')} words={titles} nameOf={(title) => title} value={aeTitle} onChange={setChosen} />
      <Line
        label={t('remote.name')}
        value={filters.name}
        isWrong={false}
        maxLength={64}
        onChange={(name) => change({ name })}
      />
      <Line
        label={t('remote.id')}
        value={filters.id}
        isWrong={false}
        maxLength={64}
        onChange={(id) => change({ id })}
      />
      <DayField label={t('remote.from')} value={filters.from} onChange={(from) => change({ from })} />
      <DayField label={t('remote.to')} value={filters.to} onChange={(to) => change({ to })} />
      <label className="flex flex-col gap-1 text-[13px] text-soft">
        {t('list.modality')}
        <select
          value={filters.modality}
          onChange={(event) => change({ modality: event.target.value })}
          className={fieldLook}
        >
          <option value="">{t('remote.anyModality')}</option>
          {modalities.map((modality) => (
            <option key={modality} value={modality}>
              {modality}
            </option>
          ))}
        </select>
      </label>
      <Button type="submit" look="primary" isDisabled={props.isBusy}>
        <Search size={16} aria-hidden />
        {t('remote.search')}
      </Button>
    </form>
  );
}

function Results(props: { readonly asked: Asked; readonly found: Found }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<StudyInstanceUid>>(new Set());
  const { asked, found } = props;
  const here = useHere(found.studies);
  const onCame = useCallback(() => {
    // What was known of our own archive, here and in the study list, is not true any more.
    for (const queryKey of [['remote', 'here'], ['studies'], ['study'], ['series']]) {
      void queryClient.invalidateQueries({ queryKey });
    }
  }, [queryClient]);
  const { begin, transferredOf } = useTransfers('fetch', onCame);
  const fetchAll = (studies: readonly StudyInstanceUid[]) => {
    begin(asked.aeTitle, studies);
    setChosen(new Set());
  };
  if (found.failure !== undefined) {
    const text = t(`remote.failure.${found.failure}`, { defaultValue: found.detail ?? '' });
    return <Notice icon={ServerCrash} tone="danger" title={t('remote.failed', { name: asked.aeTitle })} text={text} />;
  }
  if (found.studies.length === 0) {
    return <Notice icon={SearchX} title={t('remote.nothing')} text={t('remote.nothingText')} />;
  }
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-3 border-b border-line px-4 py-2">
        <span role="status" className="text-sm text-soft">
          {t('remote.found', { count: found.studies.length, name: asked.aeTitle })}
          {found.isComplete ? '' : ` ${t('remote.more')}`}
        </span>
        <span className="ml-auto">
          <Button isDisabled={chosen.size === 0} onPress={() => fetchAll([...chosen])}>
            <Download size={16} aria-hidden />
            {chosen.size === 0 ? t('remote.fetchChosenNone') : t('remote.fetchChosen', { count: chosen.size })}
          </Button>
        </span>
      </div>
      <ResultTable
        studies={found.studies}
        here={here}
        chosen={chosen}
        fetchedOf={(study) => transferredOf(asked.aeTitle, study)}
        onChoose={setChosen}
        onFetch={(study) => fetchAll([study])}
      />
    </>
  );
}

export function RemotePage() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [asked, setAsked] = useState<Asked>();
  const nodes = useQuery({ queryKey: ['machines', 'nodes'], queryFn: ({ signal }) => fetchNodes(signal) });
  const search = useQuery({
    queryKey: ['remote', 'studies', asked],
    queryFn: ({ signal }) => searchNode(asked?.aeTitle ?? '', remoteKeys(asked?.filters ?? noFilters), signal),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

  useEffect(() => {
    document.title = `${t('remote.title')} · ${t('app.name')}`;
  }, [t]);

  const body = () => {
    const failed = nodes.isError ? nodes : search.isError ? search : undefined;
    if (failed) {
      return (
        <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(failed.error)}>
          <RetryButton onPress={() => void failed.refetch()} />
        </Notice>
      );
    }
    if (nodes.data?.length === 0) {
      return <Notice icon={Network} title={t('remote.noNodesTitle')} text={t('remote.noNodes')} />;
    }
    if (search.isFetching) {
      return <Notice icon={Network} title={t('remote.searching', { name: asked?.aeTitle ?? '' })} />;
    }
    return asked && search.data ? (
      <Results key={asked.aeTitle} asked={asked} found={search.data} />
    ) : (
      <Notice icon={Network} title={t('remote.begin')} text={t('remote.beginText')} />
    );
  };
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <main className="flex min-h-0 flex-1 flex-col">
        <header className="shrink-0 bg-panel px-4 pt-3">
          <h1 className="text-xl font-semibold">{t('remote.title')}</h1>
        </header>
        <SearchForm
          nodes={nodes.data ?? []}
          isBusy={search.isFetching || (nodes.data ?? []).length === 0}
          onSearch={(aeTitle, filters) => setAsked({ aeTitle, filters, time: Date.now() })}
        />
        <div className="flex min-h-0 flex-1 flex-col overflow-auto">{body()}</div>
      </main>
    </div>
  );
}
