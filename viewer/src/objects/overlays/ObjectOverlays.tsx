/** Segmentations and structure sets over the picture of a viewport, with the list in which their parts are switched. */
import { useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { IconButton } from '../../app/controls';
import type { StudyInstanceUid } from '../../dicomweb/uid';
import type { Frame } from '../../imaging/frames';
import { planeOfFrame } from '../../imaging/imagePlane';
import type { Placement } from '../../imaging/placement';
import type { Cell } from '../../viewport/readingState';
import { addressOf, type Choices, draw, masksOn, type OnPicture, onPicture, partId, wantedFrames } from './drawing';
import { pixelOn } from './mask';
import { belongsTo } from './matching';
import type { SegmentFrame } from './model';
import { framePixelsQuery, useFramePixels, useOverlays } from './useOverlays';
import '../texts';

const noFrames: readonly Frame[] = [];

/** The shorter side of a viewport, by which lines on pictures that are taken out are as thick as on the screen. */
const screenSide = 520;

/** Below the labels in the corner. */
const panelPlace = { top: 96, left: 12, width: 240, maxWidth: '60%', maxHeight: '50%' } as const;

/** Whether it is known where on the picture it lies. */
function isPlaced({ overlay, matched }: OnPicture, frame: Frame | undefined): boolean {
  const plane = planeOfFrame(frame);
  if (overlay.kind === 'structures' || !frame) {
    return plane !== undefined;
  }
  const frames = matched.things as readonly SegmentFrame[];
  return frames.every((thing) => pixelOn({ ...overlay, plane: thing.plane }, { ...frame, plane }) !== undefined);
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
  const wanted = useMemo(() => wantedFrames(shown), [shown]);
  const { pixels, isError } = useFramePixels(study, wanted.map(addressOf));
  useEffect(() => onFailed(isError), [isError, onFailed]);
  const masks = useMemo(() => masksOn(frame, wanted, pixels, choices.off), [wanted, pixels, frame, choices.off]);

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
    draw(context, { shown, masks, frame, placement, choices, unit: 1 });
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
  const queries = useQueryClient();
  useEffect(() => {
    cell.paintOverlays = async (context, at, where) => {
      const target = frames[at];
      if (!target) {
        return;
      }
      const there = related.map((found) => onPicture(found, frames, at));
      const wanted = wantedFrames(there);
      const pixels = await Promise.all(
        wanted.map((each) => queries.ensureQueryData(framePixelsQuery(study, addressOf(each)))),
      );
      const masks = masksOn(target, wanted, pixels, choices.off);
      const unit = Math.min(where.width, where.height) / screenSide;
      draw(context, { shown: there, masks, frame: target, placement: where, choices, unit });
    };
    return () => {
      cell.paintOverlays = undefined;
    };
  }, [cell, frames, related, choices, study, queries]);
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
