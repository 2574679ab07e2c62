/** One study: its series at the side, the viewports in the middle, the tools above. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, FileQuestion, ServerCrash } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useAnnotations } from '../annotations/useAnnotations';
import { LostPage } from '../app/LostPage';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { useSession } from '../app/session';
import { TopBar } from '../app/TopBar';
import { useDarkness } from '../app/theme';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import { type SeriesInstanceUid, type StudyInstanceUid, seriesInstanceUid, studyInstanceUid } from '../dicomweb/uid';
import type { TakeoutKind } from '../export/Takeout';
import { useHanging } from '../hanging/useHanging';
import { readableDate } from '../imaging/dates';
import { isImageModality } from '../imaging/imageModality';
import { pageOf } from '../lite/handover';
import { SendStudy } from '../remote/SendStudy';
import { useBindings } from '../settings/useKeys';
import { useWantedTool } from '../settings/useMouse';
import { readableAge, readablePatient, readableSex } from '../studyList/columns';
import { useMarkRead } from '../studyList/readMarks';
import { keptViews } from './keptViews';
import {
  activeContent,
  type Content,
  filled,
  pruned,
  showing,
  singleViewport,
  stackOf,
  visibleCells,
  withContent,
} from './layout';
import { keepScrolled } from './linking';
import { keepOfOneSize } from './oneSize';
import { createReading, type Reading } from './readingState';
import { goOnWhenConnected } from './reconnecting';
import { rememberedLayout, rememberLayout } from './rememberedLayouts';
import { SeriesPanel } from './SeriesPanel';
import { shownInstance } from './shownContent';
import { ToLite } from './ToLite';
import { Toolbar } from './Toolbar';
import { toolContext } from './toolContext';
import { useKeptViews } from './useKeptViews';
import { useKeyboard } from './useKeyboard';
import { loadedSeries } from './useSeriesContent';
import { seriesListQuery, studyQuery } from './useStudy';
import { useTakeOver, useUncovered } from './useTakeOver';
import { ViewportGrid } from './ViewportGrid';
import { VolumeLayer } from './VolumeLayer';
import { toggleVolume, useVolumeReading } from './volumeMode';
import './texts';
import '../hanging/texts';

const HelpDialog = lazy(() => import('./HelpDialog').then(({ HelpDialog: component }) => ({ default: component })));
const PriorsSection = lazy(async () => ({ default: (await import('../hanging/PriorsSection')).PriorsSection }));
const StudyChanges = lazy(async () => ({ default: (await import('./StudyChanges')).StudyChanges }));
const TagBrowser = lazy(async () => ({ default: (await import('../objects/tags/TagBrowser')).TagBrowser }));
const Takeout = lazy(() => import('../export/Takeout').then(({ Takeout: component }) => ({ default: component })));

const route = getRouteApi('/studies/$studyUid');

export function StudyPage() {
  const uid = studyInstanceUid(route.useParams().studyUid);
  return uid === undefined ? <LostPage /> : <StudyView key={uid} uid={uid} />;
}

function StudyHeader({ study, reading }: { readonly study: Study | undefined; readonly reading: Reading }) {
  const { t } = useTranslation();
  const details = study
    ? [
        study.patientId,
        readableSex(study.patientSex, t),
        readableAge(study, t),
        readableDate(study.studyDate),
        study.studyDescription,
      ].filter((detail) => detail)
    : [];
  return (
    <div className="flex min-w-0 items-center gap-3">
      <Link
        to="/"
        // The filters of the list, without what belongs to this page.
        search={({ series: _, ...filters }) => filters}
        aria-label={t('viewer.back')}
        className="inline-flex size-9 pointer-coarse:size-11 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink"
      >
        <ArrowLeft size={18} aria-hidden />
      </Link>
      <div className="min-w-0">
        <h1 className="truncate text-[15px] leading-tight font-semibold">
          {study ? readablePatient(study.patientName, t) : ' '}
        </h1>
        <p className="truncate text-xs text-soft tabular-nums">{details.join(' · ')}</p>
      </div>
      {study ? <SendStudy study={study} /> : null}
      {study ? <ToLite reading={reading} uid={study.studyInstanceUid} /> : null}
    </div>
  );
}

/** Which series the layout is about, kept up as the study's series are known and in the address of the page. */
function useArrangement(
  reading: Reading,
  uid: StudyInstanceUid,
  list: readonly Series[] | undefined,
  isRemembered: boolean,
) {
  const navigate = route.useNavigate();
  const wanted = seriesInstanceUid(route.useSearch().series);
  // The address says what is shown first; from then on it follows, as it follows the page that is taken over from.
  const [first] = useState(() => {
    const page = pageOf(uid);
    return page ? seriesInstanceUid(page.asked ?? '') : wanted;
  });
  const layout = useStore(reading.store, (state) => state.layout);
  const shown = activeContent(layout);
  const active = shown?.series;
  const isArranged = useRef(false);
  const isUndecided = useHanging(reading, uid, !isRemembered && first === undefined);

  useEffect(() => {
    if (list && !isUndecided) {
      const isThere = (series: SeriesInstanceUid) => list.some(({ seriesInstanceUid: other }) => other === series);
      const pictures = list.filter(({ modality }) => isImageModality(modality));
      const candidates = (pictures.length > 0 ? pictures : list).map((series) =>
        stackOf(uid, series.seriesInstanceUid),
      );
      const asked = first !== undefined && isThere(first) && !isArranged.current ? stackOf(uid, first) : undefined;
      isArranged.current = true;
      const rest = pruned(layout, ({ study, series }) => study !== uid || isThere(series));
      const arranged = filled(asked ? showing(rest, asked) : rest, candidates);
      if (arranged !== layout) {
        reading.arrange(() => arranged);
      }
    }
  }, [reading, uid, list, first, layout, isUndecided]);

  const shownByAddress = wanted ?? list?.[0]?.seriesInstanceUid;
  // The address is of this study, whatever is compared with it.
  const own = shown?.study === uid ? active : undefined;
  useEffect(() => {
    if (own !== undefined && own !== shownByAddress) {
      void navigate({ search: { series: own }, replace: true });
    }
  }, [navigate, own, shownByAddress]);

  return { layout, active, isArranged: list !== undefined && !isUndecided };
}

function StudyView({ uid }: { readonly uid: StudyInstanceUid }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [remembered] = useState(() => rememberedLayout(sessionStorage, uid));
  const session = useSession();
  const [reading] = useState(() => {
    const begun = createReading(uid, remembered, keptViews(sessionStorage, uid));
    begun.store.setState({ acts: session?.acts ?? [] });
    return begun;
  });
  const [helpShown, setHelpShown] = useState(false);
  const [takeout, setTakeout] = useState<{ readonly kind: TakeoutKind; readonly number: number }>();
  const endTakeout = useCallback(() => setTakeout(undefined), []);
  const pageRef = useRef<HTMLDivElement>(null);
  const client = useQueryClient();
  const inspected = useStore(reading.store, (state) => state.inspected);

  const study = useQuery(studyQuery(uid));
  // Series may come and go while they are read; what is on the screen stays until the reader wants the new.
  const seriesList = useQuery({ ...seriesListQuery(uid), refetchInterval: 30_000, refetchOnWindowFocus: 'always' });
  const list = seriesList.data;
  useMarkRead(uid, list !== undefined && list.length > 0);
  const { layout, active, isArranged } = useArrangement(reading, uid, list, remembered !== singleViewport);
  const modality = list?.find(({ seriesInstanceUid: series }) => series === active)?.modality ?? '';

  useEffect(() => {
    const name = study.data ? readablePatient(study.data.patientName, t) : '';
    document.title = name === '' ? t('app.name') : `${name} · ${t('app.name')}`;
  }, [study.data, t]);

  const volume = useVolumeReading(reading);
  const context = useMemo(
    () =>
      toolContext(volume ?? reading, uid, list, {
        toggleVolume: () => toggleVolume(reading),
        toggleFullScreen: () => {
          if (document.fullscreenElement) {
            void document.exitFullscreen();
          } else {
            void pageRef.current?.requestFullscreen();
          }
        },
        showAttributes: () => {
          const { layout: present } = reading.store.getState();
          const content = activeContent(present);
          const held = content && loadedSeries(client, content.study, content.series)?.content;
          const index = reading.cells[present.active]?.store.getState().index ?? 0;
          reading.store.setState({ inspected: content && held && shownInstance(content, held, index) });
        },
        takeOut: (kind) => setTakeout((present) => ({ kind, number: (present?.number ?? 0) + 1 })),
        showHelp: () => setHelpShown(true),
      }),
    [reading, volume, uid, list, client],
  );

  useKeyboard(
    context,
    useBindings(),
    helpShown || inspected !== undefined || (takeout !== undefined && takeout.kind !== 'copy'),
  );
  useAnnotations(reading, uid);
  useDarkness();
  const annotations = useStore(reading.store, (state) => state.annotations);
  useEffect(() => keepScrolled(reading), [reading]);
  useEffect(() => keepOfOneSize(reading), [reading]);
  useEffect(() => goOnWhenConnected(reading), [reading]);
  useWantedTool(reading);
  useKeptViews(reading);
  useEffect(
    () =>
      reading.store.subscribe((present, before) => {
        if (present.layout !== before.layout) {
          rememberLayout(sessionStorage, uid, present.layout);
        }
      }),
    [reading, uid],
  );

  const instead = () => {
    if (seriesList.isError && list === undefined) {
      return (
        <Notice icon={ServerCrash} tone="danger" title={t('viewer.failed')} text={failureText(seriesList.error)}>
          <RetryButton onPress={() => void seriesList.refetch()} />
        </Notice>
      );
    }
    if (list?.length === 0) {
      return (
        <Notice icon={FileQuestion} title={t('viewer.notFound')} text={t('viewer.notFoundText')}>
          <Link to="/" className="text-accent underline">
            {t('lost.toList')}
          </Link>
        </Notice>
      );
    }
    return undefined;
  };
  const covering = instead();
  useTakeOver(reading, uid, isArranged);
  useUncovered(uid, covering !== undefined, undefined);
  const acting = volume ?? reading;
  const activePlace = useStore(acting.store, (state) => state.layout.active);
  const activeStore = (acting.cells[activePlace] ?? acting.cells[0])?.store;
  const shown = visibleCells(layout).flatMap((place) => layout.cells[place]?.series ?? []);
  const choose = (content: Content) => {
    reading.arrange((present) => withContent(present, present.active, content));
    if (volume) {
      const { study: ofStudy, series } = content;
      reading.store.setState({ volume: ofStudy === uid ? { study: uid, series, index: 0 } : undefined });
    }
  };

  return (
    <div ref={pageRef} className="flex h-full flex-col bg-canvas">
      <TopBar>
        <StudyHeader study={study.data ?? undefined} reading={reading} />
      </TopBar>
      {activeStore ? <Toolbar reading={acting} store={activeStore} context={context} modality={modality} /> : null}
      <div className="flex min-h-0 flex-1 max-sm:flex-col-reverse">
        <SeriesPanel study={uid} list={list} active={active} shown={shown} onChoose={choose}>
          <Suspense>
            {study.data ? <PriorsSection study={study.data} active={active} shown={shown} onChoose={choose} /> : null}
          </Suspense>
        </SeriesPanel>
        <main className="relative min-w-0 flex-1 bg-black">
          <div inert={volume !== undefined} className="contents">
            <ViewportGrid reading={reading} uid={uid} />
          </div>
          <VolumeLayer below={reading} reading={volume} list={list} />
          {list ? (
            <Suspense>
              <StudyChanges study={uid} list={list} shown={shown} reading={reading} />
            </Suspense>
          ) : null}
          {covering === undefined ? null : (
            <div className="absolute inset-0 z-40 overflow-auto bg-canvas">{covering}</div>
          )}
        </main>
        {annotations ? <annotations.Side table={annotations} reading={reading} list={list} /> : null}
      </div>
      {activeStore && helpShown ? (
        <Suspense>
          <HelpDialog onClose={() => setHelpShown(false)} modality={modality} store={activeStore} />
        </Suspense>
      ) : null}
      {inspected ? (
        <Suspense>
          <TagBrowser address={inspected} onClose={() => reading.store.setState({ inspected: undefined })} />
        </Suspense>
      ) : null}
      <Suspense>
        {takeout === undefined ? null : (
          <Takeout
            key={takeout.number}
            kind={takeout.kind}
            reading={reading}
            known={{ study: study.data ?? undefined, list, failureText }}
            onClose={endTakeout}
          />
        )}
      </Suspense>
    </div>
  );
}
