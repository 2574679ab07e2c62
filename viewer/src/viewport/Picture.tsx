/** The picture of a viewport: the drawing surface with what lies over it. */
import { lazy, Suspense, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import type { SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { instanceUrl, renderedFrameUrl, thumbnailUrl } from '../dicomweb/urls';
import type { SeriesContent } from '../imaging/frames';
import { isImageModality } from '../imaging/imageModality';
import { postureOf } from '../imaging/posture';
import { useMouseTools } from '../settings/useMouse';
import { magnifier } from '../tools/magnifier';
import { dragTool, isUsable } from '../tools/registry';
import { scroll } from '../tools/scroll';
import { underLoupe } from '../tools/underLoupe';
import { windowLevel } from '../tools/windowLevel';
import { FailureTile } from './FailureTile';
import { LinkMark } from './LinkMark';
import { activated, withOneUp } from './layout';
import { linkedView } from './linking';
import { Outline } from './Outline';
import { Overlay } from './Overlay';
import { listenToPointer } from './pointer';
import { QualityMark } from './QualityMark';
import { ReferenceLines } from './ReferenceLines';
import type { Cell, Reading } from './readingState';
import { StackScrollBar } from './StackScrollBar';
import type { Stage } from './stage';
import { stepSeries } from './toolContext';
import { usePage } from './usePage';
import { useStudy } from './useStudy';
import { useIsCovered } from './useTakeOver';
import type { Screen } from './viewState';

interface PictureProps {
  readonly reading: Reading;
  readonly stage: Stage | undefined;
  readonly cell: Cell;
  readonly place: number;
  readonly study: Study | undefined;
  readonly series: Series | undefined;
  /** The one image of the series that is shown. */
  readonly instance: SopInstanceUid | undefined;
  readonly uid: StudyInstanceUid;
  readonly content: SeriesContent | undefined;
  readonly screen: Screen | undefined;
  readonly onScreen: (screen: Screen | undefined) => void;
}

const ObjectOverlays = lazy(async () => ({
  default: (await import('../objects/overlays/ObjectOverlays')).ObjectOverlays,
}));

const Presentation = lazy(async () => ({ default: (await import('../presentation/Presentation')).Presentation }));

const previewSize = 512;

/** The server's picture of the series until ours is drawn: first the thumbnail, then the first frame in full. */
function Preview(props: Pick<PictureProps, 'uid' | 'series' | 'instance' | 'content' | 'cell'>) {
  const {
    uid,
    series,
    instance,
    content,
    cell: { store },
  } = props;
  const { t } = useTranslation();
  const everShown = useStore(
    store,
    (state) => state.everShown && state.series?.seriesInstanceUid === series?.seriesInstanceUid,
  );
  const failed = useStore(store, (state) => state.failure !== undefined);
  const isCovered = useIsCovered();
  const [arrived, setArrived] = useState<string>();
  const [broken, setBroken] = useState<string>();
  // Behind the page of the server nobody would see it.
  if (
    everShown ||
    failed ||
    isCovered ||
    !series ||
    !isImageModality(series.modality) ||
    content?.frames.length === 0
  ) {
    return null;
  }
  const frame = content?.frames[0];
  const thumbnail = instance
    ? `${instanceUrl(uid, series.seriesInstanceUid, instance)}/thumbnail`
    : thumbnailUrl(uid, series.seriesInstanceUid);
  const url = frame
    ? renderedFrameUrl(uid, series.seriesInstanceUid, frame.sopInstanceUid, frame.frameNumber, previewSize)
    : thumbnail;
  const { flipHorizontal, flipVertical } = postureOf(frame) ?? {};
  if (broken === url || flipHorizontal || flipVertical) {
    return null;
  }
  return (
    <div className="pointer-events-none absolute inset-0 bg-black">
      <img
        key={url}
        src={url}
        alt={t('viewer.preview')}
        onLoad={() => setArrived(url)}
        onError={() => setBroken(url)}
        className="size-full object-contain"
      />
      {arrived === url ? (
        <span className="absolute bottom-10 left-1/2 -translate-x-1/2 rounded-full bg-warn/90 px-3 py-0.5 text-xs font-medium text-black">
          {t('viewer.preview')}
        </span>
      ) : null}
    </div>
  );
}

export function Picture(props: PictureProps) {
  const { t } = useTranslation();
  const { reading, stage, cell, place, series, screen, onScreen } = props;
  const { store } = cell;
  const id = useId();
  const surfaceRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLDivElement>(null);
  const [layer, setLayer] = useState<HTMLDivElement | null>(null);
  const everShown = useStore(store, (state) => state.everShown);
  const page = usePage(reading.store);
  const mouseTools = useMouseTools(reading, cell);
  const { list } = useStudy(props.uid);
  const tool = dragTool(page.toolId);
  const isToolUsable = useStore(store, (state) => isUsable(tool, state, page));
  const isActive = useStore(reading.store, ({ layout }) => layout.active === place);
  const isOnly = useStore(reading.store, ({ layout }) => layout.rows * layout.columns === 1);
  const overlaysShown = useStore(reading.store, (state) => state.overlaysShown);
  const annotations = useStore(reading.store, (state) => state.annotations);
  const isEmpty = useStore(store, (state) => state.failure !== undefined);

  useEffect(() => {
    const element = canvasRef.current;
    if (!element || !stage) {
      return undefined;
    }
    const created = stage.add(element, store);
    cell.screen = created;
    onScreen(created);
    return () => {
      cell.screen = undefined;
      onScreen(undefined);
      created.destroy();
    };
  }, [stage, store, cell, onScreen]);

  useEffect(() => {
    const surface = surfaceRef.current;
    if (!surface || !screen) {
      return undefined;
    }
    return listenToPointer(surface, linkedView(reading, cell, screen), {
      active: (target) => {
        const present = reading.store.getState();
        const active = dragTool(present.toolId);
        return (
          cell.annotator?.grab(target, active.group === 'measure') ??
          (isUsable(active, store.getState(), present) ? active : undefined)
        );
      },
      finger: (target) => {
        const present = reading.store.getState();
        const active = dragTool(present.toolId);
        const grabbed = cell.annotator?.grab(target, active.group === 'measure');
        // Scrolling and the window are the finger's anyway.
        const isTaken = active !== scroll && active !== windowLevel && isUsable(active, store.getState(), present);
        const taken = grabbed ?? (isTaken ? active : undefined);
        const isAimed = grabbed !== undefined || active.group === 'measure' || active === magnifier;
        return taken && isAimed ? underLoupe(taken) : taken;
      },
      swiped: (to) => stepSeries(reading, props.uid, list ?? [], to === 'next' ? 1 : -1),
      hovered: (at) => cell.annotator?.hover(at),
      ...mouseTools,
      frameCount: () => store.getState().series?.frames.length ?? 0,
      touched: () => reading.arrange((layout) => activated(layout, place)),
      doubleClicked: () => reading.arrange((layout) => withOneUp(layout, place)),
    });
  }, [screen, cell, store, reading, place, mouseTools, props.uid, list]);

  // With the keys in another viewport they come along to the one that is active now.
  useEffect(() => {
    const focused = document.activeElement?.closest('[role="application"]');
    if (isActive && focused && focused !== surfaceRef.current) {
      surfaceRef.current?.focus({ preventScroll: true });
    }
  }, [isActive]);

  const name = series?.description ?? (series ? t('viewer.seriesUnnamed') : t('layout.empty'));
  return (
    <div className="absolute inset-0 flex">
      <div
        ref={surfaceRef}
        id={id}
        role="application"
        aria-label={isOnly ? t('viewer.picture') : t('layout.viewport', { place: place + 1, name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture takes the keys
        tabIndex={0}
        data-testid="picture"
        className="relative min-w-0 flex-1 touch-none overflow-hidden outline-none"
        style={{ cursor: isToolUsable ? tool.cursor : 'not-allowed' }}
      >
        <div ref={canvasRef} className={`absolute inset-0 ${isEmpty ? 'invisible' : ''}`} />
        <Preview {...props} />
        <div ref={setLayer} className="pointer-events-none absolute inset-0 overflow-hidden" />
        <ReferenceLines reading={reading} cell={cell} />
        <Outline store={store} />
        {annotations ? <annotations.Layer desk={annotations.desk} cell={cell} /> : null}
        {series ? <Overlay reading={reading} store={store} study={props.study} series={series} /> : null}
        {series ? <QualityMark store={store} /> : null}
        <LinkMark reading={reading} cell={cell} />
        <FailureTile store={store} view={screen} uid={props.uid} />
        {series || isOnly ? null : (
          <p className="pointer-events-none absolute inset-0 flex items-center justify-center p-4 text-center text-xs text-faint">
            {t('layout.emptyText')}
          </p>
        )}
      </div>
      {overlaysShown && series ? (
        <Suspense>
          <ObjectOverlays
            study={props.uid}
            cell={cell}
            onClose={() => reading.store.setState({ overlaysShown: false })}
          />
        </Suspense>
      ) : null}
      {everShown && layer ? (
        <Suspense>
          <Presentation reading={reading} cell={cell} layer={layer} />
        </Suspense>
      ) : null}
      <StackScrollBar store={store} view={screen} controls={id} />
    </div>
  );
}
