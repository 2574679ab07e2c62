/** One plane on the screen, with what lies over it. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { lookingAlong, type PlaneId, standardPlanes } from '../imaging/reformat';
import { dot } from '../imaging/vector';
import { dragTool, isUsable, panTool, windowTool } from '../tools/registry';
import { activated, visibleCells, withOneUp } from '../viewport/layout';
import { linkedView } from '../viewport/linking';
import { Letters, Scale, WindowText } from '../viewport/Overlay';
import { listenToPointer } from '../viewport/pointer';
import type { Cell, Reading } from '../viewport/readingState';
import { usePage } from '../viewport/usePage';
import type { OpenSeries } from '../viewport/viewState';
import { CrossLines, planeColours } from './CrossLines';
import type { VolumeStage } from './volumeStage';
import { planeCount, type VolumeStore } from './volumeState';

interface PlaneTileProps {
  readonly id: PlaneId;
  readonly place: number;
  readonly cell: Cell;
  readonly reading: Reading;
  readonly stage: VolumeStage;
  readonly volume: VolumeStore;
  readonly series: OpenSeries;
}

/** What the plane is, in words. */
function PlaneCorner({ id, volume }: Pick<PlaneTileProps, 'id' | 'volume'>) {
  const { t, i18n } = useTranslation();
  const { cross, planes, slab } = useStore(volume);
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1, signDisplay: 'negative' });
  // Counted as in a stack: to the left, the back and the head.
  const along = lookingAlong(planes[id]);
  const strongest = along.map(Math.abs).indexOf(Math.max(...along.map(Math.abs)));
  const isOblique = dot(along, lookingAlong(standardPlanes[id])) < 0.9999;
  return (
    <div className="absolute bottom-3 left-3 flex flex-col gap-px">
      <span className="text-[13px] font-medium" style={{ color: planeColours[id] }}>
        {t(`volume.plane.${id}`)}
        {isOblique ? '*' : ''}
      </span>
      {slab.mm > 0 ? (
        <span data-testid="slab">
          {t('volume.slab', { mm: slab.mm, projection: t(`volume.projection.${slab.projection}`) })}
        </span>
      ) : null}
      <span data-testid="plane-position">
        {t('volume.position', { position: number.format(dot(cross, along) * Math.sign(along[strongest] ?? 1)) })}
      </span>
    </div>
  );
}

export function PlaneTile({ id, place, cell, reading, stage, volume, series }: PlaneTileProps) {
  const { t } = useTranslation();
  const surfaceRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLDivElement>(null);
  const { store } = cell;
  const page = usePage(reading.store);
  const isActive = page.layout.active === place;
  const isVisible = visibleCells(page.layout).includes(place);
  const tool = dragTool(page.toolId);

  useEffect(() => {
    const [surface, element] = [surfaceRef.current, canvasRef.current];
    if (!surface || !element) {
      return undefined;
    }
    const plane = stage.addPlane(element, id, store);
    cell.screen = plane;
    store.setState({ series });
    const stop = listenToPointer(surface, linkedView(reading, cell, plane), {
      active: () => {
        const present = reading.store.getState();
        const active = dragTool(present.toolId);
        return isUsable(active, store.getState(), present) ? active : undefined;
      },
      window: windowTool,
      pan: panTool,
      frameCount: () => planeCount(volume.getState(), id),
      hovered: () => undefined,
      touched: () => reading.arrange((layout) => activated(layout, place)),
      doubleClicked: () => reading.arrange((layout) => withOneUp(layout, place)),
    });
    return () => {
      stop();
      stage.remove(plane);
      cell.screen = undefined;
    };
  }, [stage, volume, id, place, cell, store, reading, series]);

  return (
    <div
      hidden={!isVisible}
      data-testid={`plane-${id}`}
      data-active={isActive}
      className="@container relative min-h-0 min-w-0 bg-black"
      onFocusCapture={() => reading.arrange((layout) => activated(layout, place))}
    >
      <div
        ref={surfaceRef}
        role="application"
        aria-label={t('volume.picture', { name: t(`volume.plane.${id}`) })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture takes the keys
        tabIndex={0}
        className="absolute inset-0 touch-none overflow-hidden outline-none"
        style={{ cursor: tool.cursor }}
      >
        <div ref={canvasRef} className="absolute inset-0" />
        <CrossLines
          id={id}
          volume={volume}
          store={store}
          onTouch={() => reading.arrange((layout) => activated(layout, place))}
        />
        <div className="pointer-events-none absolute inset-0 text-xs leading-[1.45] text-slate-100 tabular-nums [text-shadow:0_0_3px_#000,0_1px_2px_#000]">
          <Letters store={store} />
          <Scale store={store} />
          {page.labelsShown ? (
            <>
              <PlaneCorner id={id} volume={volume} />
              <div className="absolute top-2.5 right-3 text-right">
                <WindowText store={store} />
              </div>
            </>
          ) : null}
        </div>
      </div>
      {isActive && !page.layout.isOneUp ? (
        <div aria-hidden className="pointer-events-none absolute inset-0 ring-1 ring-accent ring-inset" />
      ) : null}
    </div>
  );
}
