/** One study: its series at the side, the picture in the middle, the tools above. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, FileQuestion, ServerCrash } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LostPage } from '../app/LostPage';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { TopBar } from '../app/TopBar';
import { fetchSeriesList } from '../dicomweb/series';
import { fetchStudy, type Study } from '../dicomweb/studies';
import { type SeriesInstanceUid, type StudyInstanceUid, studyInstanceUid } from '../dicomweb/uid';
import { readableDate } from '../imaging/dates';
import { SendStudy } from '../remote/SendStudy';
import { readableAge, readablePatient, readableSex } from '../studyList/columns';
import type { ToolContext } from '../tools/types';
import { HelpDialog } from './HelpDialog';
import { OtherObjects } from './OtherObjects';
import { Picture } from './Picture';
import { SeriesPanel } from './SeriesPanel';
import { Toolbar } from './Toolbar';
import { useKeyboard } from './useKeyboard';
import { useSeriesContent } from './useSeriesContent';
import { createViewStore, type ImageView } from './viewState';
import './texts';

const route = getRouteApi('/studies/$studyUid');

export function StudyPage() {
  const uid = studyInstanceUid(route.useParams().studyUid);
  return uid === undefined ? <LostPage /> : <StudyView key={uid} uid={uid} />;
}

function StudyHeader({ study }: { readonly study: Study | undefined }) {
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
        search={(previous) => previous}
        aria-label={t('viewer.back')}
        className="inline-flex size-9 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink"
      >
        <ArrowLeft size={18} aria-hidden />
      </Link>
      <div className="min-w-0">
        <h1 className="truncate text-[15px] leading-tight font-semibold">
          {study ? readablePatient(study.patientName, t) : ' '}
        </h1>
        <p className="truncate text-xs text-soft tabular-nums">{details.join(' · ')}</p>
      </div>
      {study ? <SendStudy study={study.studyInstanceUid} /> : null}
    </div>
  );
}

function StudyView({ uid }: { readonly uid: StudyInstanceUid }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const navigate = route.useNavigate();
  const wanted = route.useSearch().series;
  const [store] = useState(createViewStore);
  const [view, setView] = useState<ImageView>();
  const [helpShown, setHelpShown] = useState(false);
  const pageRef = useRef<HTMLDivElement>(null);

  const study = useQuery({ queryKey: ['study', uid], queryFn: ({ signal }) => fetchStudy(uid, signal) });
  const seriesList = useQuery({ queryKey: ['series', uid], queryFn: ({ signal }) => fetchSeriesList(uid, signal) });
  const active = seriesList.data?.find(({ seriesInstanceUid }) => seriesInstanceUid === wanted) ?? seriesList.data?.[0];
  const loaded = useSeriesContent(uid, active?.seriesInstanceUid);
  const content = loaded.data?.content;

  useEffect(() => {
    const name = study.data ? readablePatient(study.data.patientName, t) : '';
    document.title = name === '' ? t('app.name') : `${name} · ${t('app.name')}`;
  }, [study.data, t]);

  const choose = useCallback(
    (series: SeriesInstanceUid) => void navigate({ search: { series }, replace: true }),
    [navigate],
  );

  useEffect(() => {
    if (view && loaded.data && active && loaded.data.seriesInstanceUid === active.seriesInstanceUid) {
      const { frames, frameRate } = loaded.data.content;
      view.open(
        {
          studyInstanceUid: uid,
          seriesInstanceUid: active.seriesInstanceUid,
          modality: active.modality,
          frames,
          frameRate,
        },
        loaded.data.metadata,
      );
    }
  }, [view, loaded.data, active, uid]);

  const context = useMemo((): (() => ToolContext | undefined) => {
    const step = (offset: 1 | -1) => {
      const list = seriesList.data ?? [];
      const index = list.findIndex(({ seriesInstanceUid }) => seriesInstanceUid === active?.seriesInstanceUid);
      const next = list[index + offset];
      if (next) {
        choose(next.seriesInstanceUid);
      }
    };
    return () =>
      view && {
        view,
        state: store.getState(),
        selectTool: (id) => store.setState({ toolId: id }),
        toggleLabels: () => store.setState(({ labelsShown }) => ({ labelsShown: !labelsShown })),
        nextSeries: () => step(1),
        previousSeries: () => step(-1),
        toggleFullScreen: () => {
          if (document.fullscreenElement) {
            void document.exitFullscreen();
          } else {
            void pageRef.current?.requestFullscreen();
          }
        },
        showHelp: () => setHelpShown(true),
      };
  }, [view, store, seriesList.data, active, choose]);

  useKeyboard(context, helpShown);

  const body = () => {
    if (seriesList.isError) {
      return (
        <Notice icon={ServerCrash} tone="danger" title={t('viewer.failed')} text={failureText(seriesList.error)}>
          <RetryButton onPress={() => void seriesList.refetch()} />
        </Notice>
      );
    }
    if (seriesList.data?.length === 0) {
      return (
        <Notice icon={FileQuestion} title={t('viewer.notFound')} text={t('viewer.notFoundText')}>
          <Link to="/" className="text-accent underline">
            {t('lost.toList')}
          </Link>
        </Notice>
      );
    }
    if (loaded.isError) {
      return (
        <Notice icon={ServerCrash} tone="danger" title={t('viewer.seriesFailed')} text={failureText(loaded.error)}>
          <RetryButton onPress={() => void loaded.refetch()} />
        </Notice>
      );
    }
    if (active && content && content.frames.length === 0) {
      return <OtherObjects study={uid} series={active} objects={content.others} />;
    }
    return undefined;
  };
  const instead = body();

  return (
    <div ref={pageRef} className="flex h-full flex-col bg-canvas">
      <TopBar>
        <StudyHeader study={study.data ?? undefined} />
      </TopBar>
      <Toolbar store={store} context={context} modality={active?.modality ?? ''} />
      <div className="flex min-h-0 flex-1">
        <SeriesPanel study={uid} list={seriesList.data} active={active?.seriesInstanceUid} onChoose={choose} />
        <main className="relative min-w-0 flex-1 bg-black">
          <Picture
            store={store}
            study={study.data ?? undefined}
            series={active}
            content={content}
            uid={uid}
            onView={setView}
            view={view}
          />
          {instead === undefined ? null : (
            <div className="absolute inset-0 z-20 overflow-auto bg-canvas">{instead}</div>
          )}
        </main>
      </div>
      <HelpDialog isOpen={helpShown} onClose={() => setHelpShown(false)} modality={active?.modality ?? ''} />
    </div>
  );
}
