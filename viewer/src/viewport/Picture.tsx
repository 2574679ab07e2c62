/** The picture area: the drawing surface with what lies over it. The engine is fetched after the page stands. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { renderedFrameUrl, thumbnailUrl } from '../dicomweb/urls';
import type { SeriesContent } from '../imaging/frames';
import { isImageModality } from '../imaging/objects';
import { dragTool, panTool, windowTool } from '../tools/registry';
import { FailureTile } from './FailureTile';
import { Overlay } from './Overlay';
import { listenToPointer } from './pointer';
import { StackScrollBar } from './StackScrollBar';
import type { ImageView, ViewStore } from './viewState';

interface PictureProps {
  readonly store: ViewStore;
  readonly uid: StudyInstanceUid;
  readonly study: Study | undefined;
  readonly series: Series | undefined;
  readonly content: SeriesContent | undefined;
  readonly view: ImageView | undefined;
  readonly onView: (view: ImageView | undefined) => void;
}

const previewSize = 512;

/** The server's picture of the series until ours is drawn: first the thumbnail, then the first frame in full. */
function Preview({ uid, series, content, store }: Pick<PictureProps, 'uid' | 'series' | 'content' | 'store'>) {
  const { t } = useTranslation();
  const everShown = useStore(
    store,
    (state) => state.everShown && state.series?.seriesInstanceUid === series?.seriesInstanceUid,
  );
  const failed = useStore(store, (state) => state.failure !== undefined);
  const [arrived, setArrived] = useState<string>();
  const [broken, setBroken] = useState<string>();
  if (everShown || failed || !series || !isImageModality(series.modality) || content?.frames.length === 0) {
    return null;
  }
  const frame = content?.frames[0];
  const url = frame
    ? renderedFrameUrl(uid, series.seriesInstanceUid, frame.sopInstanceUid, frame.frameNumber, previewSize)
    : thumbnailUrl(uid, series.seriesInstanceUid);
  if (broken === url) {
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

/** Told once the engine is there: that it draws without the graphics card, or cannot draw. */
function RenderingNotice({ store }: { readonly store: ViewStore }) {
  const { t } = useTranslation();
  const rendering = useStore(store, (state) => state.rendering);
  const contextLost = useStore(store, (state) => state.contextLost);
  if (rendering !== 'cpu' && rendering !== 'failed') {
    return null;
  }
  const text = rendering === 'failed' ? 'viewer.engineFailed' : contextLost ? 'viewer.contextLost' : 'viewer.noWebGl';
  return (
    <p
      role="status"
      className="pointer-events-none absolute bottom-3 left-1/2 z-10 -translate-x-1/2 rounded-md bg-raised/90 px-3 py-1 text-xs text-warn"
    >
      {t(text)}
    </p>
  );
}

export function Picture(props: PictureProps) {
  const { t } = useTranslation();
  const { store, view, onView } = props;
  const surfaceRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLDivElement>(null);
  const toolId = useStore(store, (state) => state.toolId);
  const isEmpty = useStore(store, (state) => state.failure !== undefined);

  useEffect(() => {
    const element = canvasRef.current;
    if (!element) {
      return undefined;
    }
    let isGone = false;
    let created: ImageView | undefined;
    import('./stackView').then(
      ({ StackView }) => {
        if (!isGone) {
          created = new StackView(element, store);
          onView(created);
        }
      },
      () => store.setState({ rendering: 'failed' }),
    );
    return () => {
      isGone = true;
      onView(undefined);
      created?.destroy();
    };
  }, [store, onView]);

  useEffect(() => {
    const surface = surfaceRef.current;
    if (!surface || !view) {
      return undefined;
    }
    return listenToPointer(surface, view, {
      active: () => dragTool(store.getState().toolId),
      window: windowTool,
      pan: panTool,
      frameCount: () => store.getState().series?.frames.length ?? 0,
    });
  }, [view, store]);

  return (
    <div className="absolute inset-0 flex">
      <div
        ref={surfaceRef}
        role="application"
        aria-label={t('viewer.picture')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture takes the keys
        tabIndex={0}
        data-testid="picture"
        className="relative min-w-0 flex-1 touch-none overflow-hidden outline-none"
        style={{ cursor: dragTool(toolId).cursor }}
      >
        <div ref={canvasRef} className={`absolute inset-0 ${isEmpty ? 'invisible' : ''}`} />
        <Preview {...props} />
        <Overlay store={store} study={props.study} series={props.series} />
        <FailureTile store={store} view={view} uid={props.uid} />
        <RenderingNotice store={store} />
      </div>
      <StackScrollBar store={store} view={view} />
    </div>
  );
}
