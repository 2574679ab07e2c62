/** Segmentations and structure sets over the picture of a viewport, with the list in which their parts are switched. */
import { X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { IconButton } from '../../app/controls';
import type { StudyInstanceUid } from '../../dicomweb/uid';
import type { Frame } from '../../imaging/frames';
import { planeOfFrame, toPicture } from '../../imaging/imagePlane';
import { type Placement, screenAt } from '../../imaging/placement';
import type { Cell } from '../../viewport/readingState';
import { drawMask } from './drawMask';
import { maskOf, pixelOn } from './mask';
import { belongsTo, contoursOn, framesOn, type Matched } from './matching';
import type { Contour, OverlayPart, Segmentation, SegmentFrame, StructureSet } from './model';
import { type FoundOverlay, useFramePixels, useOverlays } from './useOverlays';
import '../texts';

const noFrames: readonly Frame[] = [];

/** Below the labels in the corner. */
const panelPlace = { top: 96, left: 12, width: 240, maxWidth: '60%', maxHeight: '50%' } as const;

/** A part among all of the study's. */
const partId = ({ sopInstanceUid }: { readonly sopInstanceUid: string }, { number }: Pick<OverlayPart, 'number'>) =>
  `${sopInstanceUid} ${number}`;

interface Choices {
  readonly off: ReadonlySet<string>;
  readonly opacity: number;
}

/** What of one overlay is on the picture. */
type OnPicture =
  | { readonly found: FoundOverlay; readonly overlay: Segmentation; readonly matched: Matched<SegmentFrame> }
  | { readonly found: FoundOverlay; readonly overlay: StructureSet; readonly matched: Matched<Contour> };

function onPicture(found: FoundOverlay, frames: readonly Frame[], index: number): OnPicture {
  const { overlay } = found;
  return overlay.kind === 'segmentation'
    ? { found, overlay, matched: framesOn(overlay.frames, frames, index) }
    : { found, overlay, matched: contoursOn(overlay.contours, frames, index) };
}

/** Whether it is known where on the picture it lies. */
function isPlaced({ overlay, matched }: OnPicture, frame: Frame | undefined): boolean {
  const plane = planeOfFrame(frame);
  if (overlay.kind === 'structures' || !frame) {
    return plane !== undefined;
  }
  const frames = matched.things as readonly SegmentFrame[];
  return frames.every((thing) => pixelOn({ ...overlay, plane: thing.plane }, { ...frame, plane }) !== undefined);
}

function colourIn(overlay: Segmentation | StructureSet, off: ReadonlySet<string>) {
  return (number: number) => {
    const part = overlay.parts.find((candidate) => candidate.number === number);
    return part && !off.has(partId(overlay, part)) ? part.colour : undefined;
  };
}

function drawContours(
  context: CanvasRenderingContext2D,
  contours: readonly Contour[],
  colourOf: (part: number) => readonly [number, number, number] | undefined,
  frame: Frame,
  placement: Placement,
  opacity: number,
): void {
  const plane = planeOfFrame(frame);
  if (!plane) {
    return;
  }
  for (const part of new Set(contours.map((contour) => contour.part))) {
    const colour = colourOf(part);
    const path = new Path2D();
    for (const contour of colour ? contours.filter((candidate) => candidate.part === part) : []) {
      contour.points.forEach((point, at) => {
        const [x, y] = screenAt(placement, toPicture(plane, point)) ?? [];
        if (x === undefined || y === undefined) {
          return;
        }
        if (contour.shape === 'point') {
          path.moveTo(x + 4, y);
          path.arc(x, y, 4, 0, 2 * Math.PI);
        } else if (at === 0) {
          path.moveTo(x, y);
        } else {
          path.lineTo(x, y);
        }
      });
      if (contour.shape === 'closed') {
        path.closePath();
      }
    }
    if (colour) {
      const rgb = colour.join(' ');
      if (contours.some((contour) => contour.part === part && contour.shape === 'closed')) {
        // A contour within another is a hole of it (PS3.3 C.8.8.6.3, Representing Inner and Outer Contours).
        context.fillStyle = `rgb(${rgb} / ${opacity * 0.5})`;
        context.fill(path, 'evenodd');
      }
      context.strokeStyle = `rgb(${rgb} / ${Math.min(opacity * 2, 1)})`;
      context.lineWidth = 1.5;
      context.stroke(path);
    }
  }
}

function Drawing(props: {
  readonly study: StudyInstanceUid;
  readonly shown: readonly OnPicture[];
  readonly frame: Frame;
  readonly placement: Placement;
  readonly choices: Choices;
  readonly onFailed: (isFailed: boolean) => void;
}) {
  const { study, shown, frame, placement, choices, onFailed } = props;
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const wanted = useMemo(
    () =>
      shown.flatMap(({ overlay, found, matched }) =>
        overlay.kind === 'segmentation'
          ? (matched.things as readonly SegmentFrame[]).map((thing) => ({ overlay, thing, series: found.series }))
          : [],
      ),
    [shown],
  );
  const { pixels, isError } = useFramePixels(
    study,
    wanted.map(({ overlay, thing, series }) => ({
      series,
      instance: overlay.sopInstanceUid,
      frameNumber: thing.frameNumber,
    })),
  );
  useEffect(() => onFailed(isError), [isError, onFailed]);
  const masks = useMemo(
    () =>
      wanted.flatMap(({ overlay, thing }, at) => {
        const bytes = pixels[at];
        const { rows, columns } = overlay;
        const place = pixelOn({ rows, columns, plane: thing.plane }, { ...frame, plane: planeOfFrame(frame) });
        if (!bytes || !place || rows * columns === 0) {
          return [];
        }
        const canvas = new OffscreenCanvas(columns, rows);
        const mask = maskOf(bytes, overlay, thing.segment, colourIn(overlay, choices.off));
        canvas.getContext('2d')?.putImageData(new ImageData(mask, columns, rows), 0, 0);
        return [{ canvas, place }];
      }),
    [wanted, pixels, frame, choices.off],
  );

  useEffect(() => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) {
      return;
    }
    const ratio = window.devicePixelRatio;
    canvas.width = Math.round(placement.width * ratio);
    canvas.height = Math.round(placement.height * ratio);
    context.scale(ratio, ratio);
    context.globalAlpha = choices.opacity;
    for (const { canvas: mask, place } of masks) {
      drawMask(context, mask, (point) => screenAt(placement, place(point)));
    }
    context.globalAlpha = 1;
    for (const { overlay, matched } of shown) {
      if (overlay.kind === 'structures') {
        const contours = matched.things as readonly Contour[];
        drawContours(context, contours, colourIn(overlay, choices.off), frame, placement, choices.opacity);
      }
    }
  }, [masks, shown, frame, placement, choices]);

  return (
    <canvas
      ref={canvasRef}
      aria-hidden
      data-testid="overlay-canvas"
      data-masks={masks.length}
      className="pointer-events-none absolute inset-0 size-full"
    />
  );
}

/** Over the drawing surface: what belongs to the frame that is on the screen. */
export function ObjectOverlays(props: {
  readonly study: StudyInstanceUid;
  readonly cell: Cell;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const { study, cell } = props;
  const { overlays, isPending, isError: isMissing } = useOverlays(study);
  const [isFailed, setFailed] = useState(false);
  const isError = isMissing || isFailed;
  const frames = useStore(cell.store, ({ series }) => series?.frames) ?? noFrames;
  const index = useStore(cell.store, (state) => state.index);
  const placement = useStore(cell.store, (state) => (state.shown ? state.placement : undefined));
  const [choices, setChoices] = useState<Choices>({ off: new Set(), opacity: 0.5 });
  const related = useMemo(() => overlays.filter(({ overlay }) => belongsTo(overlay, frames)), [overlays, frames]);
  const shown = useMemo(() => related.map((found) => onPicture(found, frames, index)), [related, frames, index]);
  const frame = frames[index];
  const turn = (id: string) =>
    setChoices(({ off, opacity }) => ({
      opacity,
      off: new Set(off.has(id) ? [...off].filter((other) => other !== id) : [...off, id]),
    }));
  return (
    <>
      {frame && placement ? (
        <Drawing
          study={study}
          shown={shown}
          frame={frame}
          placement={placement}
          choices={choices}
          onFailed={setFailed}
        />
      ) : null}
      <section
        aria-label={t('overlays.title')}
        data-testid="overlays"
        className="absolute z-10 overflow-auto rounded-md border border-strong bg-raised/90 px-3 py-2 text-sm"
        style={panelPlace}
      >
        <header className="flex items-center justify-between gap-2">
          <h2 className="truncate font-medium">{t('overlays.title')}</h2>
          <IconButton icon={X} label={t('common.close')} onPress={props.onClose} />
        </header>
        {isPending ? <p className="text-xs text-soft">{t('overlays.loading')}</p> : null}
        {isError ? <p role="alert">{t('overlays.failed')}</p> : null}
        {!isPending && !isError && related.length === 0 ? <p>{t('overlays.none')}</p> : null}
        {shown.map((one) => (
          <div key={one.overlay.sopInstanceUid} className="py-1">
            <p className="truncate font-medium">{one.overlay.label ?? t(`overlays.kind.${one.overlay.kind}`)}</p>
            <p className="text-xs text-soft" data-testid="matched">
              {t(
                one.matched.by === undefined
                  ? 'overlays.notHere'
                  : isPlaced(one, frame)
                    ? `overlays.by.${one.matched.by}`
                    : 'overlays.noGeometry',
              )}
            </p>
            {one.overlay.parts.map((part) => (
              <label key={part.number} className="flex items-center gap-2 py-1">
                <input
                  type="checkbox"
                  checked={!choices.off.has(partId(one.overlay, part))}
                  onChange={() => turn(partId(one.overlay, part))}
                />
                <span
                  aria-hidden
                  className="size-3.5 shrink-0 rounded"
                  style={{ background: `rgb(${part.colour.join(' ')})` }}
                />
                <span className="min-w-0 truncate">{part.label ?? t('overlays.part', { number: part.number })}</span>
              </label>
            ))}
          </div>
        ))}
        {related.length > 0 ? (
          <label className="flex items-center gap-2 text-xs text-soft">
            {t('overlays.opacity')}
            <input
              type="range"
              min={0}
              max={100}
              value={Math.round(choices.opacity * 100)}
              onChange={({ target }) => setChoices(({ off }) => ({ off, opacity: Number(target.value) / 100 }))}
              className="min-w-0 flex-1"
            />
          </label>
        ) : null}
      </section>
    </>
  );
}
