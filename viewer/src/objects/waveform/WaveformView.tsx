/**
 * An ECG or another waveform as the server draws it, on paper of 25 mm/s and 10 mm/mV: in its true size or larger, with
 * callipers for time and amplitude. The drawing is an image here, which runs nothing and loads nothing.
 */
import { useQuery } from '@tanstack/react-query';
import { Eraser, MoveHorizontal, Ruler, ServerCrash, ZoomIn, ZoomOut } from 'lucide-react';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../app/controls';
import { Notice, RetryButton, useFailureText } from '../../app/Notice';
import { fetchRenderedText } from '../../dicomweb/renderedText';
import type { InstanceAddress } from '../../dicomweb/uid';
import { type Callipers, grasped, measured, type Paper, type PaperPoint, paperOf, pixelsPerMillimetre } from './paper';
import '../texts';

const [smallest, largest] = [0.25, 8];
const zoomStep = 1.25;

/** The address of the drawing as an image, as long as it is there. */
function useImageUrl(svg: string | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (svg === undefined) {
      return undefined;
    }
    const created = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [svg]);
  return url;
}

function useMeasuredText(paper: Paper, callipers: Callipers | undefined): string {
  const { t, i18n } = useTranslation();
  if (!callipers) {
    return t('waveform.hint');
  }
  const { milliseconds, amplitude, unit, name, perMinute } = measured(paper, ...callipers);
  const number = (value: number, digits: number) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(
      value,
    );
  const height =
    amplitude === undefined ? undefined : `${number(amplitude, 2)} ${unit === '' ? t('waveform.unitless') : unit}`;
  const rate = perMinute === undefined ? undefined : t('waveform.rate', { rate: number(perMinute, 0) });
  return [name, `${number(milliseconds, 0)} ms`, rate, height].filter((part) => part).join(' · ');
}

function Drawing(props: { readonly paper: Paper; readonly url: string; readonly title: string }) {
  const { t, i18n } = useTranslation();
  const { paper } = props;
  const areaRef = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState<number>();
  const [callipers, setCallipers] = useState<Callipers>();
  const text = useMeasuredText(paper, callipers);

  const fit = () => setZoom((areaRef.current?.clientWidth ?? 0) / (paper.width * pixelsPerMillimetre) || 1);
  useEffect(fit, [paper]);
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(zoom ?? 1);
  const zoomBy = (factor: number) => setZoom((present = 1) => Math.min(Math.max(present * factor, smallest), largest));

  const pointOf = (event: PointerEvent<SVGSVGElement>): PaperPoint => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - left) / width) * paper.width, ((event.clientY - top) / height) * paper.height];
  };
  const [from, to] = callipers ?? [];
  return (
    <div className="flex size-full flex-col">
      <div className="flex shrink-0 items-center gap-1 border-b border-line bg-panel px-3 py-1">
        <Ruler size={18} aria-hidden className="shrink-0 text-accent" />
        <span role="status" data-testid="callipers" className="mx-1 min-w-0 flex-1 truncate text-sm tabular-nums">
          {text}
        </span>
        <IconButton
          icon={Eraser}
          label={t('waveform.clear')}
          isDisabled={!callipers}
          onPress={() => setCallipers(undefined)}
        />
        <IconButton icon={ZoomOut} label={t('waveform.zoomOut')} onPress={() => zoomBy(1 / zoomStep)} />
        <button
          type="button"
          title={t('waveform.actualSize')}
          aria-label={`${percent}. ${t('waveform.actualSize')}`}
          data-testid="paper-zoom"
          onClick={() => setZoom(1)}
          className="text-xs text-soft tabular-nums hover:text-ink"
        >
          {percent}
        </button>
        <IconButton icon={ZoomIn} label={t('waveform.zoomIn')} onPress={() => zoomBy(zoomStep)} />
        <IconButton icon={MoveHorizontal} label={t('waveform.fitWidth')} onPress={fit} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long record is scrolled by keys */}
      <div ref={areaRef} tabIndex={0} className="min-h-0 flex-1 overflow-auto">
        {zoom === undefined ? null : (
          <div className="relative" style={{ width: `${paper.width * zoom}mm`, height: `${paper.height * zoom}mm` }}>
            <img src={props.url} alt={props.title} className="size-full" draggable={false} data-testid="waveform" />
            <svg
              aria-label={t('waveform.calipers')}
              role="img"
              viewBox={`0 0 ${paper.width} ${paper.height}`}
              className="absolute inset-0 size-full"
              style={{ cursor: 'crosshair', touchAction: 'none' }}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                setCallipers(grasped(callipers, pointOf(event)));
              }}
              onPointerMove={(event) => {
                if (event.currentTarget.hasPointerCapture(event.pointerId) && from) {
                  setCallipers([from, pointOf(event)]);
                }
              }}
            >
              {from && to ? (
                <g stroke="#0369a1" strokeWidth={0.3} fill="#0369a1">
                  <rect
                    x={Math.min(from[0], to[0])}
                    y={Math.min(from[1], to[1])}
                    width={Math.abs(to[0] - from[0])}
                    height={Math.abs(to[1] - from[1])}
                    fillOpacity={0.12}
                    stroke="none"
                  />
                  {[from, to].map(([x, y], end) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: there are two ends
                    <g key={end}>
                      <line x1={x} x2={x} y1={Math.min(from[1], to[1]) - 4} y2={Math.max(from[1], to[1]) + 4} />
                      <line y1={y} y2={y} x1={Math.min(from[0], to[0]) - 2} x2={Math.max(from[0], to[0]) + 2} />
                    </g>
                  ))}
                </g>
              ) : null}
            </svg>
          </div>
        )}
      </div>
    </div>
  );
}

export function WaveformView(props: { readonly address: InstanceAddress; readonly title: string }) {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const { address } = props;
  const drawing = useQuery({
    queryKey: ['waveform', address.study, address.series, address.instance, i18n.language],
    queryFn: ({ signal }) => fetchRenderedText(address, 'image/svg+xml', i18n.language, signal),
  });
  const svg = drawing.data;
  const paper = useMemo(() => (svg === undefined ? undefined : paperOf(svg)), [svg]);
  const url = useImageUrl(svg);
  if (drawing.isError) {
    return (
      <Notice icon={ServerCrash} tone="danger" title={t('objects.failed')} text={failureText(drawing.error)}>
        <RetryButton onPress={() => void drawing.refetch()} />
      </Notice>
    );
  }
  return paper && url ? <Drawing paper={paper} url={url} title={props.title} /> : null;
}
