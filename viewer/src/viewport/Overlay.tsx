/** What is written over the picture: who, what, where, how. Nothing here is a guess: what is not known is not written. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import { StudyMark } from '../hanging/StudyMark';
import { readableDate, readableTime } from '../imaging/dates';
import { scaleBar } from '../imaging/scaleBar';
import { slicePositionMm } from '../imaging/sortFrames';
import { readableAge, readablePatient, readableSex } from '../studyList/columns';
import type { Reading } from './readingState';
import type { ViewStore } from './viewState';

function Corner(props: { readonly place: string; readonly children: ReactNode }) {
  return <div className={`absolute flex flex-col gap-px ${props.place}`}>{props.children}</div>;
}

export function Letters({ store }: { readonly store: ViewStore }) {
  const letters = useStore(store, (state) => state.letters);
  if (!letters) {
    return null;
  }
  const look = 'absolute text-[15px] font-semibold text-warn';
  return (
    <div data-testid="orientation">
      <span className={`${look} top-1/2 left-2.5 -translate-y-1/2`}>{letters.left}</span>
      <span className={`${look} top-1/2 right-2.5 -translate-y-1/2`}>{letters.right}</span>
      <span className={`${look} top-2 left-1/2 -translate-x-1/2`}>{letters.top}</span>
      <span className={`${look} bottom-2 left-1/2 -translate-x-1/2`}>{letters.bottom}</span>
    </div>
  );
}

/** Of the width of the viewport, and in pixels. */
const longestBar = { share: 0.35, pixels: 180 } as const;

export function Scale({ store }: { readonly store: ViewStore }) {
  const { t, i18n } = useTranslation();
  const mmPerPixel = useStore(store, (state) => state.mmPerPixel);
  const source = useStore(store, (state) => state.series?.frames[state.index]?.spacing?.source);
  const width = useStore(store, (state) => state.placement?.width ?? 0);
  const longest = Math.min(longestBar.pixels, width * longestBar.share);
  const bar = mmPerPixel === undefined ? undefined : scaleBar(mmPerPixel, longest);
  if (!bar) {
    return null;
  }
  const number = new Intl.NumberFormat(i18n.language);
  const length =
    bar.lengthMm >= 10
      ? t('viewer.centimetres', { length: number.format(bar.lengthMm / 10) })
      : t('viewer.millimetres', { length: number.format(bar.lengthMm) });
  return (
    <div data-testid="scale-bar" className="absolute right-3 bottom-3 flex flex-col items-end gap-1">
      <span>
        {length}
        {source === 'detector' ? ` ${t('viewer.atDetector')}` : ''}
      </span>
      <span aria-hidden className="h-2 border-x-2 border-b-2 border-white/85" style={{ width: bar.lengthPixels }} />
    </div>
  );
}

function StudyCorner({ study }: { readonly study: Study }) {
  const { t } = useTranslation();
  const sexAndAge = [readableSex(study.patientSex, t), readableAge(study, t)].filter((part) => part !== '');
  return (
    <Corner place="top-2.5 left-3 max-w-[45%] wrap-anywhere @max-lg:hidden">
      <span className="text-[13px] font-medium">{readablePatient(study.patientName, t)}</span>
      <span>{study.patientId}</span>
      <span>{readableDate(study.patientBirthDate)}</span>
      <span>{sexAndAge.join(' · ')}</span>
    </Corner>
  );
}

function SeriesCorner({ study, series }: { readonly study: Study | undefined; readonly series: Series | undefined }) {
  return (
    <Corner place="top-2.5 right-3 items-end text-right max-w-[45%] wrap-anywhere">
      <span className="@max-lg:hidden">{study?.studyDescription}</span>
      <span className="@max-lg:hidden">
        {readableDate(study?.studyDate)} {readableTime(study?.studyTime)}
      </span>
      <span>
        {series?.modality}
        {series?.seriesNumber === undefined ? '' : ` · ${series.seriesNumber}`}
      </span>
      <span>{series?.description}</span>
    </Corner>
  );
}

/** The window as one reads it. */
export function WindowText({ store }: { readonly store: ViewStore }) {
  const { t, i18n } = useTranslation();
  const window = useStore(store, (state) => state.window);
  if (!window) {
    return null;
  }
  const number = numberFormat(i18n.language);
  const value = (amount: number) =>
    Math.abs(amount) >= 10 ? number.format(Math.round(amount)) : number.format(amount);
  return (
    <span data-testid="window" className="max-w-64 truncate">
      {window.table
        ? `VOI LUT ${window.explanation ?? ''}`
        : t('viewer.window', { width: value(window.width), center: value(window.center) })}
    </span>
  );
}

function numberFormat(language: string): Intl.NumberFormat {
  return new Intl.NumberFormat(language, {
    maximumFractionDigits: 1,
    useGrouping: false,
    // A place or centre that rounds to nothing has no sign.
    signDisplay: 'negative',
  });
}

function FrameCorner({ store }: { readonly store: ViewStore }) {
  const { t, i18n } = useTranslation();
  const index = useStore(store, (state) => state.index);
  const series = useStore(store, (state) => state.series);
  const zoomPercent = useStore(store, (state) => state.zoomPercent);
  const frame = series?.frames[index];
  if (!series || !frame) {
    return null;
  }
  const number = numberFormat(i18n.language);
  const position = slicePositionMm(frame);
  return (
    <Corner place="bottom-3 left-3">
      <span data-testid="frame-position" data-frame={frame.frameNumber} className="text-[13px] font-medium">
        {t('viewer.imageOf', { index: index + 1, count: series.frames.length })}
      </span>
      {frame.isColour ? null : <WindowText store={store} />}
      {frame.thicknessMm === undefined ? null : (
        <span className="@max-lg:hidden">{t('viewer.thickness', { thickness: number.format(frame.thicknessMm) })}</span>
      )}
      {position === undefined ? null : (
        <span className="@max-lg:hidden">{t('viewer.position', { position: number.format(position) })}</span>
      )}
      {zoomPercent === undefined ? null : (
        <span data-testid="zoom" className="@max-lg:hidden">
          {t('viewer.zoom', { percent: Math.round(zoomPercent) })}
        </span>
      )}
    </Corner>
  );
}

export function Overlay(props: {
  readonly reading: Reading;
  readonly store: ViewStore;
  readonly study: Study | undefined;
  readonly series: Series | undefined;
}) {
  const labelsShown = useStore(props.reading.store, (state) => state.labelsShown);
  return (
    <div className="pointer-events-none absolute inset-0 text-xs leading-[1.45] text-slate-100 tabular-nums [text-shadow:0_0_3px_#000,0_1px_2px_#000]">
      <Letters store={props.store} />
      <Scale store={props.store} />
      {props.study ? <StudyMark reading={props.reading} shown={props.study} /> : null}
      {labelsShown ? (
        <div data-testid="labels">
          {props.study ? <StudyCorner study={props.study} /> : null}
          <SeriesCorner study={props.study} series={props.series} />
          <FrameCorner store={props.store} />
        </div>
      ) : null}
    </div>
  );
}
