/** What is written over a picture that leaves: as over the picture on the screen, in the size of the picture. */
import type { TFunction } from 'i18next';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import { readableDate } from '../imaging/dates';
import { edgeLetters } from '../imaging/orientation';
import { scaleBar } from '../imaging/scaleBar';
import { readableAge, readablePatient, readableSex } from '../studyList/columns';
import type { Developed } from '../viewport/viewState';
import { type SceneOverlay, svg } from './scene';

export const marks = ['drawn', 'overlays', 'letters', 'scale', 'labels', 'identity'] as const;
export type Mark = (typeof marks)[number];

/** Whose pictures they are, and in whose language that is said. */
export interface Subject {
  readonly study: Study | undefined;
  readonly series: Series | undefined;
  readonly language: string;
  readonly t: TFunction;
}

type Edge = 'start' | 'middle' | 'end';

/** Of the shorter side of the picture. */
const letterShare = 1 / 40;
const leastLetters = 12;

export function sizeOf({ canvas }: Developed): number {
  return Math.max(leastLetters, Math.round(Math.min(canvas.width, canvas.height) * letterShare));
}

export function write(
  text: string,
  x: number,
  y: number,
  size: number,
  anchor: Edge,
  look: { fill: string; weight?: number },
) {
  return svg(
    'text',
    {
      x,
      y,
      fill: look.fill,
      'font-family': "'Inter', 'Be Vietnam Pro', 'Noto Sans', sans-serif",
      'font-size': size,
      'font-weight': look.weight ?? 400,
      'text-anchor': anchor,
      stroke: '#000',
      'stroke-width': size / 8,
      'stroke-linejoin': 'round',
      'paint-order': 'stroke',
    },
    text,
  );
}

function letters(developed: Developed): readonly SVGElement[] {
  const { frame, placement, canvas } = developed;
  if (!frame.orientation) {
    return [];
  }
  const edges = edgeLetters(frame.orientation, placement.right, placement.down);
  const size = sizeOf(developed) * 1.25;
  const { width, height } = canvas;
  const look = { fill: '#fbbf24', weight: 600 };
  return [
    write(edges.left, size * 0.6, height / 2 + size / 3, size, 'start', look),
    write(edges.right, width - size * 0.6, height / 2 + size / 3, size, 'end', look),
    write(edges.top, width / 2, size * 1.3, size, 'middle', look),
    write(edges.bottom, width / 2, height - size * 0.6, size, 'middle', look),
  ];
}

/** Of the width of the picture. */
const longestBar = 0.3;

function scale(developed: Developed, { t, language }: Subject): readonly SVGElement[] {
  const { frame, placement, canvas } = developed;
  const { spacing } = frame;
  if (!spacing) {
    return [];
  }
  const mmPerPixel = Math.hypot(placement.right[0] * spacing.columnMm, placement.right[1] * spacing.rowMm);
  const bar = scaleBar(mmPerPixel, canvas.width * longestBar);
  if (!bar) {
    return [];
  }
  const number = new Intl.NumberFormat(language);
  const length =
    bar.lengthMm >= 10
      ? t('viewer.centimetres', { length: number.format(bar.lengthMm / 10) })
      : t('viewer.millimetres', { length: number.format(bar.lengthMm) });
  const text = spacing.source === 'detector' ? `${length} ${t('viewer.atDetector')}` : length;
  const size = sizeOf(developed);
  const [right, bottom] = [canvas.width - size, canvas.height - size];
  const points = [
    [right - bar.lengthPixels, bottom - size / 2],
    [right - bar.lengthPixels, bottom],
    [right, bottom],
    [right, bottom - size / 2],
  ];
  const line = { points: points.map((point) => point.join(',')).join(' '), fill: 'none' };
  return [
    svg('polyline', { ...line, stroke: '#000', 'stroke-width': size / 4 }),
    svg('polyline', { ...line, stroke: '#fff', 'stroke-width': size / 9 }),
    write(text, right, bottom - size, size, 'end', { fill: '#fff' }),
  ];
}

function labels(developed: Developed, { t, language, series }: Subject): readonly SVGElement[] {
  const { frame, index, window: voi, canvas } = developed;
  const count = developed.series.frames.length;
  const number = new Intl.NumberFormat(language, {
    maximumFractionDigits: 1,
    useGrouping: false,
    signDisplay: 'negative',
  });
  const value = (amount: number) => number.format(Math.abs(amount) >= 10 ? Math.round(amount) : amount);
  const windowText = () => {
    if (!voi || frame.isColour) {
      return [];
    }
    return [
      voi.table
        ? `VOI LUT ${voi.explanation ?? ''}`
        : t('viewer.window', { width: value(voi.width), center: value(voi.center) }),
    ];
  };
  const lower = [t('viewer.imageOf', { index: index + 1, count }), ...windowText()];
  const modality = developed.series.modality;
  const upper = [
    series?.seriesNumber === undefined ? modality : `${modality} · ${series.seriesNumber}`,
    series?.description ?? '',
  ];
  const size = sizeOf(developed);
  const bottom = canvas.height - size * (0.6 + (lower.length - 1) * 1.35);
  return [
    ...lower.map((text, at) => write(text, size, bottom + at * size * 1.35, size, 'start', { fill: '#fff' })),
    ...upper.map((text, at) =>
      write(text, canvas.width - size, size * (1.5 + at * 1.35), size, 'end', { fill: '#fff' }),
    ),
  ];
}

function identity(developed: Developed, { study, t }: Subject): readonly SVGElement[] {
  if (!study) {
    return [];
  }
  const sexAndAge = [readableSex(study.patientSex, t), readableAge(study, t)].filter((part) => part !== '');
  const lines = [
    readablePatient(study.patientName, t),
    study.patientId ?? '',
    readableDate(study.patientBirthDate),
    sexAndAge.join(' · '),
    readableDate(study.studyDate),
  ].filter((line) => line !== '');
  const size = sizeOf(developed);
  return lines.map((text, at) => write(text, size, size * (1.5 + at * 1.35), size, 'start', { fill: '#fff' }));
}

/** The overlay that writes these marks. */
export function marksOverlay(wanted: ReadonlySet<Mark>, subject: Subject): SceneOverlay {
  return (developed) => [
    ...(wanted.has('letters') ? letters(developed) : []),
    ...(wanted.has('scale') ? scale(developed, subject) : []),
    ...(wanted.has('labels') ? labels(developed, subject) : []),
    ...(wanted.has('identity') ? identity(developed, subject) : []),
  ];
}
