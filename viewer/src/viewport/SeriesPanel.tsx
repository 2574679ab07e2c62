/** The series of the study with their thumbnails: chosen into the active viewport, or dragged to any. */
import { FileText, ImageOff } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useDrag } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { imageCount, type Series } from '../dicomweb/series';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { thumbnailUrl } from '../dicomweb/urls';
import { isImageModality } from '../imaging/imageModality';
import { type Content, stackOf } from './layout';
import { dragged, seriesDragType } from './seriesDrag';
import { useCountedSeries } from './useSeriesContent';

interface SeriesPanelProps {
  readonly study: StudyInstanceUid;
  readonly list: readonly Series[] | undefined;
  readonly active: SeriesInstanceUid | undefined;
  /** Those in sight, the active one among them. */
  readonly shown: readonly SeriesInstanceUid[];
  readonly onChoose: (content: Content) => void;
  /** The patient's other studies, below. */
  readonly children?: ReactNode;
}

function Thumbnail({ study, series }: { readonly study: StudyInstanceUid; readonly series: Series }) {
  const [failed, setFailed] = useState(false);
  if (failed) {
    return (
      <span className="flex size-full items-center justify-center text-faint">
        <ImageOff size={24} strokeWidth={1.3} aria-hidden />
      </span>
    );
  }
  return (
    <img
      src={thumbnailUrl(study, series.seriesInstanceUid)}
      alt=""
      loading="lazy"
      draggable={false}
      onError={() => setFailed(true)}
      className="size-full object-contain"
    />
  );
}

export function SeriesButton(props: {
  readonly study: StudyInstanceUid;
  readonly series: Series;
  readonly isActive: boolean;
  readonly isShown: boolean;
  readonly onChoose: (content: Content) => void;
}) {
  const { t } = useTranslation();
  const { series, isActive, isShown } = props;
  const content = stackOf(props.study, series.seriesInstanceUid);
  // With keys a series is put into the active viewport by Enter, so that nothing has to be carried anywhere.
  const { dragProps, isDragging } = useDrag({
    hasDragButton: true,
    getItems: () => [{ [seriesDragType]: dragged(content) }],
    getAllowedDropOperations: () => ['copy'],
  });
  const buttonRef = useRef<HTMLButtonElement>(null);
  const name = series.description ?? t('viewer.seriesUnnamed');
  const images = imageCount(series, useCountedSeries(props.study, series.seriesInstanceUid));

  useEffect(() => {
    if (isActive) {
      buttonRef.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isActive]);

  return (
    <button
      ref={buttonRef}
      {...dragProps}
      type="button"
      aria-current={isActive}
      onClick={(event) => {
        props.onChoose(content);
        // Keys go to the picture again, not to this button.
        event.currentTarget.blur();
      }}
      className={`w-full cursor-default overflow-hidden rounded-lg border text-left transition-colors ${
        isActive
          ? 'border-accent bg-raised'
          : isShown
            ? 'border-accent/45 bg-raised'
            : 'border-line bg-panel hover:border-strong'
      } ${isDragging ? 'opacity-50' : ''}`}
    >
      {isImageModality(series.modality) ? (
        <span className="relative block aspect-[4/3] w-full bg-black">
          <Thumbnail study={props.study} series={series} />
          <span className="absolute top-1.5 left-1.5 rounded bg-black/75 px-1.5 text-[11px] font-medium text-sky-200">
            {series.modality}
          </span>
          {images === undefined ? null : (
            <span className="absolute right-1.5 bottom-1.5 rounded bg-black/75 px-1.5 text-[11px] text-soft tabular-nums">
              {t('viewer.images', { count: images })}
            </span>
          )}
        </span>
      ) : (
        <span className="flex items-center gap-1.5 px-2 pt-2 text-[11px] font-medium text-sky-200">
          <FileText size={14} strokeWidth={1.5} aria-hidden className="text-faint" />
          {series.modality}
        </span>
      )}
      <span className="block px-2 py-1.5">
        <span className="line-clamp-2 text-xs max-sm:line-clamp-1 leading-snug break-words">
          {series.seriesNumber === undefined ? null : (
            <span className="text-faint tabular-nums">{series.seriesNumber}. </span>
          )}
          {name}
        </span>
      </span>
    </button>
  );
}

export function SeriesPanel({ study, list, active, shown, onChoose, children }: SeriesPanelProps) {
  const { t } = useTranslation();
  return (
    <nav
      aria-label={t('viewer.seriesList')}
      className="w-44 shrink-0 overflow-y-auto border-r border-line bg-panel/60 p-2 max-sm:flex max-sm:w-full max-sm:gap-2 max-sm:overflow-x-auto max-sm:border-t max-sm:border-r-0 max-sm:*:shrink-0"
    >
      <ol className="flex flex-col gap-2 max-sm:flex-row">
        {list?.map((series) => (
          <li key={series.seriesInstanceUid} className="max-sm:w-24">
            <SeriesButton
              study={study}
              series={series}
              isActive={series.seriesInstanceUid === active}
              isShown={shown.includes(series.seriesInstanceUid)}
              onChoose={onChoose}
            />
          </li>
        ))}
      </ol>
      {children}
    </nav>
  );
}
