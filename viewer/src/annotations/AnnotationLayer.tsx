/** Over the picture: what is drawn on the frame that is shown, with handles to take hold of and what was measured. */
import { Star } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { type Placement, screenAt } from '../imaging/placement';
import { PictureAnnotator } from './annotator';
import { shapesOf } from './kinds';
import { LabelField } from './LabelField';
import { labelPlace, type ToScreen } from './labelPlace';
import { looks } from './looks';
import { linesOf } from './measureText';
import { type Annotation, isSameImage, referenceTo } from './model';
import { shapePath } from './paths';
import type { LayerProps } from './table';
import { seenView } from './view';

const lineHeight = 16;
const outlineWidth = 1.5;
/** How near the hand must come. */
const reach = 12;

/** Few points are handles; of an outline that is drawn in one go none is. */
const mostHandles = 6;

function Drawn(props: {
  readonly annotation: Annotation;
  readonly toScreen: ToScreen;
  readonly isChosen: boolean;
  readonly isOpen: boolean;
  /** Looked at only. */
  readonly isFixed: boolean;
  readonly onLabel: () => void;
}) {
  const { annotation, toScreen, isChosen, isOpen } = props;
  const { t, i18n } = useTranslation();
  const isFixed = props.isFixed || annotation.kind === 'foreign';
  const colour = isFixed ? looks.foreign : isChosen ? looks.chosen : looks.own;
  const shapes = shapesOf(annotation).map((shape) => shapePath(shape, toScreen));
  const path = shapes.join('');
  const lines = linesOf(annotation, i18n.language, t);
  const [labelX, labelY] = labelPlace(annotation, toScreen);
  const [anchorX, anchorY] = toScreen(annotation.points[0] ?? [0, 0]);
  const handles = !isFixed && annotation.points.length <= mostHandles ? annotation.points : [];
  const part = (name: string | number) =>
    isOpen || props.isFixed ? {} : { 'data-annotation': annotation.uid, 'data-part': name };
  return (
    <g data-testid="annotation" data-kind={annotation.kind} stroke={colour} fill="none" strokeLinecap="round">
      <path d={path} stroke="black" strokeOpacity={0.55} strokeWidth={outlineWidth + 2} />
      <path d={path} strokeWidth={outlineWidth} />
      <path
        {...part('outline')}
        d={path}
        strokeOpacity={0}
        strokeWidth={reach}
        style={{ pointerEvents: 'stroke', cursor: 'move' }}
      />
      {annotation.labelAt ? (
        <line x1={anchorX} y1={anchorY} x2={labelX} y2={labelY} strokeWidth={1} strokeDasharray="2 4" />
      ) : null}
      {handles.map((point, at) => {
        const [x, y] = toScreen(point);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a handle is its place
          <g key={at}>
            <circle cx={x} cy={y} r={isChosen ? 4 : 2.5} fill={isChosen ? 'black' : colour} strokeWidth={1.25} />
            <circle
              {...part(at)}
              cx={x}
              cy={y}
              r={reach}
              stroke="none"
              fill="transparent"
              style={{ pointerEvents: 'all', cursor: 'grab' }}
            />
          </g>
        );
      })}
      {lines.length === 0 ? null : (
        <text
          {...part('label')}
          data-testid="annotation-text"
          x={labelX}
          y={labelY}
          fill={colour}
          stroke="black"
          strokeOpacity={0.75}
          strokeWidth={3}
          paintOrder="stroke"
          {...(props.isFixed ? {} : { onDoubleClick: props.onLabel })}
          className="text-[13px] font-medium tabular-nums select-none"
          style={{ pointerEvents: 'all', cursor: 'move' }}
        >
          {lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <tspan key={at} x={labelX} dy={at === 0 ? 0 : lineHeight}>
              {line}
            </tspan>
          ))}
        </text>
      )}
    </g>
  );
}

function toScreenBy(placement: Placement): ToScreen {
  return (point) => screenAt(placement, point) ?? [0, 0];
}

export function AnnotationLayer({ desk, cell }: LayerProps) {
  const { t } = useTranslation();
  const series = useStore(cell.store, (state) => state.series);
  const index = useStore(cell.store, (state) => state.index);
  const placement = useStore(cell.store, (state) => (state.shown ? state.placement : undefined));
  const { marks, foreign, earlier, drawing, selected, labelled, areShown } = useStore(desk.store);

  useEffect(() => {
    cell.annotator = new PictureAnnotator(desk, cell);
    return () => {
      cell.annotator = undefined;
    };
  }, [desk, cell]);

  const frame = series?.frames[index];
  const image = series && frame && referenceTo(series, frame);
  const isMarked =
    image &&
    placement &&
    (marks.annotations.some((annotation) => isSameImage(annotation.image, image)) || drawing !== undefined);
  useEffect(() => {
    if (image && isMarked) {
      const { window, inverted } = cell.store.getState();
      const { columnMm = 1, rowMm = 1 } = frame?.spacing ?? {};
      desk.saw(image, seenView(placement, { window, isInverted: inverted, aspect: rowMm / columnMm }));
    }
  });
  if (!image || !placement || !areShown) {
    return null;
  }
  const drawn = earlier ? earlier.annotations : [...marks.annotations, ...foreign, ...(drawing ? [drawing] : [])];
  const here = drawn.filter((annotation) => isSameImage(annotation.image, image));
  const toScreen = toScreenBy(placement);
  const written = here.find(({ uid }) => uid === labelled);
  return (
    <>
      <svg aria-hidden data-testid="annotations" className="pointer-events-none absolute inset-0 size-full">
        {here.map((annotation) => (
          <Drawn
            key={annotation.uid}
            annotation={annotation}
            toScreen={toScreen}
            isChosen={annotation.uid === selected || annotation === drawing}
            isOpen={annotation === drawing}
            isFixed={earlier !== undefined}
            onLabel={() => desk.label(annotation.uid)}
          />
        ))}
      </svg>
      {marks.keyImages.some((key) => isSameImage(key, image)) ? (
        <p
          data-testid="key-image"
          className="pointer-events-none absolute top-2 left-1/2 ml-6 flex items-center gap-1 rounded-full bg-black/60 px-2 py-0.5 text-xs text-warn"
        >
          <Star size={13} aria-hidden className="fill-warn" />
          {t('annotations.keyImage')}
        </p>
      ) : null}
      {written ? (
        <LabelField key={written.uid} desk={desk} cell={cell} annotation={written} at={labelPlace(written, toScreen)} />
      ) : null}
    </>
  );
}
