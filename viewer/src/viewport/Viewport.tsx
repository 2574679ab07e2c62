/** One viewport: it loads what the layout says it shows, says so when that cannot be shown, and takes what is dropped on it. */
import { ServerCrash } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useDrop } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import { type StudyInstanceUid, seriesInstanceUid } from '../dicomweb/uid';
import { activated, type Content, stackOf, visibleCells, withContent } from './layout';
import { openingIndex } from './linking';
import { OtherObjects } from './OtherObjects';
import { Picture } from './Picture';
import type { Cell, Reading } from './readingState';
import { seriesDragType } from './seriesDrag';
import type { Stage } from './stage';
import { type LoadedSeries, useSeriesContent } from './useSeriesContent';
import type { Screen } from './viewState';

interface ViewportProps {
  readonly reading: Reading;
  readonly stage: Stage | undefined;
  readonly cell: Cell;
  /** Its place in the layout. */
  readonly place: number;
  readonly uid: StudyInstanceUid;
  readonly study: Study | undefined;
  readonly list: readonly Series[] | undefined;
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

/** What the viewport shows, loaded and opened in its picture. */
function useContent(
  reading: Reading,
  cell: Cell,
  content: Content | undefined,
  series: Series | undefined,
  screen: Screen | undefined,
) {
  const loaded = useSeriesContent(content?.study, content?.series);
  const modality = series?.modality;
  useEffect(() => {
    if (!screen) {
      return;
    }
    const shown = cell.store.getState().series?.seriesInstanceUid;
    if (shown !== undefined && shown !== content?.series) {
      screen.clear();
    }
    if (
      content &&
      modality !== undefined &&
      loaded.data?.seriesInstanceUid === content.series &&
      !isOpen(cell, loaded.data)
    ) {
      const { frames, frameRate } = loaded.data.content;
      screen.open(
        {
          studyInstanceUid: content.study,
          seriesInstanceUid: content.series,
          modality,
          frames,
          frameRate,
        },
        loaded.data.metadata,
        openingIndex(reading, cell, frames),
      );
    }
  }, [reading, cell, content, modality, screen, loaded.data]);
  return loaded;
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
  const series = props.list?.find(({ seriesInstanceUid: uid }) => uid === content?.series);
  const loaded = useContent(reading, cell, content, series, screen);

  const { dropProps, isDropTarget } = useDrop({
    ref: areaRef,
    getDropOperation: (types) => (types.has(seriesDragType) ? 'copy' : 'cancel'),
    onDrop: async ({ items }) => {
      const item = items.find((dropped) => dropped.kind === 'text' && dropped.types.has(seriesDragType));
      const uid = item?.kind === 'text' ? seriesInstanceUid(await item.getText(seriesDragType)) : undefined;
      const dropped = props.list?.find((candidate) => candidate.seriesInstanceUid === uid);
      if (dropped) {
        reading.arrange((layout) => withContent(layout, place, stackOf(props.uid, dropped.seriesInstanceUid)));
      }
    },
  });

  const instead = () => {
    if (loaded.isError) {
      return (
        <Notice icon={ServerCrash} tone="danger" title={t('viewer.seriesFailed')} text={failureText(loaded.error)}>
          <RetryButton onPress={() => void loaded.refetch()} />
        </Notice>
      );
    }
    if (content && series && loaded.data?.content.frames.length === 0) {
      return <OtherObjects study={content.study} series={series} objects={loaded.data.content.others} />;
    }
    return undefined;
  };
  const covering = instead();

  return (
    <div
      ref={areaRef}
      {...dropProps}
      hidden={!isVisible}
      data-testid="viewport"
      data-active={isActive}
      onFocusCapture={() => reading.arrange((layout) => activated(layout, place))}
      className="@container relative min-h-0 min-w-0 bg-black"
    >
      <Picture
        reading={reading}
        stage={stage}
        cell={cell}
        place={place}
        study={props.study}
        series={series}
        uid={props.uid}
        content={loaded.data?.seriesInstanceUid === content?.series ? loaded.data?.content : undefined}
        screen={screen}
        onScreen={setScreen}
      />
      {covering === undefined ? null : <div className="absolute inset-0 z-20 overflow-auto bg-canvas">{covering}</div>}
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
