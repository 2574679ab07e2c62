/** One viewport: it loads what the layout says it shows, says so when that cannot be shown, and takes what is dropped on it. */
import { Files, ServerCrash, UserX } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useDrop } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../app/controls';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { isOfSamePatient } from '../hanging/patient';
import type { Frame } from '../imaging/frames';
import { placeOfPage } from '../lite/handover';
import type { Reference } from '../objects/report/reference';
import {
  activated,
  type Content,
  instanceOf,
  type PlaceInSeries,
  visibleCells,
  withBeside,
  withContent,
} from './layout';
import { openingIndex } from './linking';
import { Picture } from './Picture';
import type { Cell, Reading } from './readingState';
import { dropped, seriesDragType } from './seriesDrag';
import { shownContent } from './shownContent';
import type { Stage } from './stage';
import { type LoadedSeries, useSeriesContent } from './useSeriesContent';
import { useStudy } from './useStudy';
import { useUncovered } from './useTakeOver';
import type { Screen } from './viewState';

const OtherContent = lazy(async () => ({ default: (await import('./OtherContent')).OtherContent }));

interface ViewportProps {
  readonly reading: Reading;
  readonly stage: Stage | undefined;
  readonly cell: Cell;
  /** Its place in the layout. */
  readonly place: number;
  /** The study that is being read; it may show another one of the patient. */
  readonly uid: StudyInstanceUid;
}

/** Of the series, what is to be shown. */
function chosen(content: Content | undefined, loaded: LoadedSeries | undefined): LoadedSeries | undefined {
  const instance = instanceOf(content);
  if (instance === undefined || !loaded) {
    return loaded;
  }
  const frames = loaded.content.frames.filter(({ sopInstanceUid }) => sopInstanceUid === instance);
  // An image that is gone leaves the others.
  return frames.length === 0 ? loaded : { ...loaded, content: { ...loaded.content, frames } };
}

/** Whether the very frames that are open came once more, as when something was fetched again. */
function isOpen({ store }: Cell, { seriesInstanceUid: uid, content: { frames } }: LoadedSeries): boolean {
  const { series } = store.getState();
  return (
    series?.seriesInstanceUid === uid &&
    series.frames.length === frames.length &&
    series.frames.every(
      (frame, at) =>
        frame.sopInstanceUid === frames[at]?.sopInstanceUid && frame.frameNumber === frames[at]?.frameNumber,
    )
  );
}

/** The index of a place that is gone to for the first time. */
function placeIn(
  frames: readonly Frame[],
  at: PlaceInSeries | undefined,
  gone: WeakSet<PlaceInSeries>,
): number | undefined {
  if (!at || gone.has(at)) {
    return undefined;
  }
  gone.add(at);
  const index = frames.findIndex(
    ({ sopInstanceUid, frameNumber }) =>
      sopInstanceUid === at.instance && (at.frameNumber === undefined || at.frameNumber === frameNumber),
  );
  return index < 0 ? undefined : index;
}

/** What the viewport shows, loaded and opened in its picture. */
function useContent(
  reading: Reading,
  cell: Cell,
  content: Content | undefined,
  series: Series | undefined,
  screen: Screen | undefined,
) {
  const query = useSeriesContent(content?.study, content?.series);
  const { data } = query;
  const present = useMemo(
    () => (data?.seriesInstanceUid === content?.series ? chosen(content, data) : undefined),
    [content, data],
  );
  const shown = useMemo(() => content && present && shownContent(content, present.content), [content, present]);
  const modality = series?.modality;
  const placesGone = useRef(new WeakSet<PlaceInSeries>());
  useEffect(() => {
    if (!screen) {
      return;
    }
    const open = cell.store.getState().series?.seriesInstanceUid;
    const hasPictures = shown === undefined || shown.kind === 'pictures';
    if (open !== undefined && (open !== content?.series || !hasPictures)) {
      screen.clear();
    }
    if (!content || modality === undefined || !present || shown?.kind !== 'pictures') {
      return;
    }
    const { frames, frameRate } = present.content;
    const place = 'at' in content ? placeIn(frames, content.at, placesGone.current) : undefined;
    if (isOpen(cell, present)) {
      if (place !== undefined) {
        screen.showFrame(place);
      }
    } else {
      const left = cell.left?.series === content.series ? cell.left.view : undefined;
      cell.left = undefined;
      // Where the reader went on the page of the server comes before where the study was left.
      const gone = placeOfPage(content.series, frames, 'chosen');
      screen.open(
        {
          studyInstanceUid: content.study,
          seriesInstanceUid: content.series,
          modality,
          frames,
          frameRate,
        },
        present.metadata,
        place ?? gone ?? left?.index ?? placeOfPage(content.series, frames) ?? openingIndex(reading, cell, frames),
        gone === undefined ? left : undefined,
      );
    }
  }, [reading, cell, content, modality, screen, present, shown]);
  return { query, present, shown };
}

export function Viewport(props: ViewportProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { reading, stage, cell, place } = props;
  const areaRef = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<Screen>();
  const content = useStore(reading.store, ({ layout }) => layout.cells[place]);
  const isVisible = useStore(reading.store, ({ layout }) => visibleCells(layout).includes(place));
  const isActive = useStore(reading.store, ({ layout }) => layout.active === place);
  const isOnly = useStore(reading.store, ({ layout }) => layout.rows * layout.columns === 1);
  const read = useStudy(props.uid).study;
  const { study, list } = useStudy(content?.study ?? props.uid);
  const isOther = content !== undefined && content.study !== props.uid;
  // What is not known to be the same patient's is never shown beside.
  const isStrange = isOther && read && study && !isOfSamePatient(read, study);
  const isSure = !isOther || (read && study && !isStrange);
  const series = isSure ? list?.find(({ seriesInstanceUid: uid }) => uid === content?.series) : undefined;
  const { query, present, shown } = useContent(reading, cell, isSure ? content : undefined, series, screen);
  const activate = () => reading.arrange((layout) => activated(layout, place));
  const follow = ({ study: ofStudy, series: wanted, ...at }: Reference) => {
    if (ofStudy === content?.study && list?.some(({ seriesInstanceUid: uid }) => uid === wanted)) {
      reading.arrange((layout) => withBeside(layout, place, { kind: 'stack', study: ofStudy, series: wanted, at }));
      return true;
    }
    return false;
  };
  const show = (next: Content) => reading.arrange((layout) => withContent(layout, place, next));

  const { dropProps, isDropTarget } = useDrop({
    ref: areaRef,
    getDropOperation: (types) => (types.has(seriesDragType) ? 'copy' : 'cancel'),
    onDrop: async ({ items }) => {
      const item = items.find((candidate) => candidate.kind === 'text' && candidate.types.has(seriesDragType));
      const wanted = item?.kind === 'text' ? dropped(await item.getText(seriesDragType)) : undefined;
      if (wanted) {
        show(wanted);
      }
    },
  });

  const instead = () => {
    if (isStrange) {
      return <Notice icon={UserX} tone="danger" title={t('hanging.strange')} text={t('hanging.strangeText')} />;
    }
    if (query.isError) {
      return (
        <Notice icon={ServerCrash} tone="danger" title={t('viewer.seriesFailed')} text={failureText(query.error)}>
          <RetryButton onPress={() => void query.refetch()} />
        </Notice>
      );
    }
    return content && series && present && shown && shown.kind !== 'pictures' ? (
      <Suspense>
        <OtherContent
          content={content}
          series={series}
          held={present.content}
          shown={shown}
          isVisible={isVisible}
          isActive={isActive}
          onActivate={activate}
          onShow={show}
          onReference={follow}
          onAttributes={(instance) =>
            reading.store.setState({ inspected: { study: content.study, series: content.series, instance } })
          }
        />
      </Suspense>
    ) : undefined;
  };
  const covering = instead();
  useUncovered(props.uid, covering !== undefined && isVisible, isActive ? undefined : content?.series);
  const others = content && shown?.kind === 'pictures' ? (present?.content.others.length ?? 0) : 0;

  return (
    <div
      ref={areaRef}
      {...dropProps}
      hidden={!isVisible}
      data-testid="viewport"
      data-active={isActive}
      onFocusCapture={activate}
      className="@container relative min-h-0 min-w-0 bg-black"
    >
      <Picture
        reading={reading}
        stage={stage}
        cell={cell}
        place={place}
        study={isSure ? study : undefined}
        series={series}
        instance={instanceOf(content)}
        uid={content?.study ?? props.uid}
        content={present?.content}
        screen={screen}
        onScreen={setScreen}
      />
      {content && others > 0 ? (
        <div className="absolute top-20 left-1/2 z-10 -translate-x-1/2">
          <Button onPress={() => show({ kind: 'objects', study: content.study, series: content.series })}>
            <Files size={16} aria-hidden />
            {t('objects.others', { count: others })}
          </Button>
        </div>
      ) : null}
      {covering === undefined ? null : (
        <div onPointerDownCapture={activate} className="absolute inset-0 z-20 overflow-auto bg-canvas">
          {covering}
        </div>
      )}
      <div
        aria-hidden
        className={`pointer-events-none absolute inset-0 z-30 ${
          isDropTarget
            ? 'bg-accent/15 ring-2 ring-accent ring-inset'
            : isActive && !isOnly
              ? 'ring-1 ring-accent ring-inset'
              : ''
        }`}
      />
    </div>
  );
}
