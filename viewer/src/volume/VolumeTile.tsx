/** A picture of the volume on the page, with what lies over it. */
import { type ReactNode, useEffect, useRef } from 'react';
import type { ScreenPoint } from '../imaging/placement';
import { useMouseTools } from '../settings/useMouse';
import { dragTool, isUsable } from '../tools/registry';
import { activated, visibleCells, withOneUp } from '../viewport/layout';
import { linkedView } from '../viewport/linking';
import { Letters, Scale } from '../viewport/Overlay';
import { listenToPointer } from '../viewport/pointer';
import type { Cell, Reading } from '../viewport/readingState';
import { usePage } from '../viewport/usePage';
import type { OpenSeries } from '../viewport/viewState';
import type { VolumePicture } from './volumePicture';
import type { VolumeStage } from './volumeStage';

export interface TileProps {
  readonly place: number;
  readonly cell: Cell;
  readonly reading: Reading;
  readonly stage: VolumeStage;
  readonly series: OpenSeries;
}

interface VolumeTileProps extends TileProps {
  readonly name: string;
  readonly label: string;
  /** Begins the picture in this element. */
  readonly add: (element: HTMLDivElement) => VolumePicture;
  readonly frameCount: () => number;
  /** The hand is over this place of the picture, or over none. */
  readonly hovered?: (at: ScreenPoint | undefined) => void;
  readonly lines?: ReactNode;
  readonly labels: ReactNode;
}

export function VolumeTile(props: VolumeTileProps) {
  const { place, cell, reading, stage, series, add, frameCount, hovered } = props;
  const surfaceRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLDivElement>(null);
  const { store } = cell;
  const page = usePage(reading.store);
  const mouseTools = useMouseTools(reading, cell);
  const isActive = page.layout.active === place;
  const isVisible = visibleCells(page.layout).includes(place);

  useEffect(() => {
    const [surface, element] = [surfaceRef.current, canvasRef.current];
    if (!surface || !element) {
      return undefined;
    }
    const picture = add(element);
    cell.screen = picture;
    store.setState({ series });
    const inHand = (target: Element) => {
      const present = reading.store.getState();
      const active = dragTool(present.toolId);
      return picture.grab(target, active.id) ?? (isUsable(active, store.getState(), present) ? active : undefined);
    };
    const stop = listenToPointer(surface, linkedView(reading, cell, picture), {
      active: inHand,
      finger: inHand,
      swiped: () => undefined,
      ...mouseTools,
      frameCount,
      hovered: (at) => hovered?.(at),
      touched: () => reading.arrange((layout) => activated(layout, place)),
      doubleClicked: () => reading.arrange((layout) => withOneUp(layout, place)),
    });
    return () => {
      stop();
      stage.remove(picture);
      cell.screen = undefined;
    };
  }, [add, frameCount, hovered, stage, place, cell, store, reading, series, mouseTools]);

  return (
    <div
      hidden={!isVisible}
      data-testid={props.name}
      data-active={isActive}
      className="@container relative min-h-0 min-w-0 bg-black"
      onFocusCapture={() => reading.arrange((layout) => activated(layout, place))}
    >
      <div
        ref={surfaceRef}
        role="application"
        aria-label={props.label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture takes the keys
        tabIndex={0}
        className="absolute inset-0 touch-none overflow-hidden outline-none"
        onPointerLeave={() => hovered?.(undefined)}
        style={{ cursor: dragTool(page.toolId).cursor }}
      >
        <div ref={canvasRef} className="absolute inset-0" />
        {props.lines}
        <div className="pointer-events-none absolute inset-0 text-xs leading-[1.45] text-slate-100 tabular-nums [text-shadow:0_0_3px_#000,0_1px_2px_#000]">
          <Letters store={store} />
          <Scale store={store} />
          {page.labelsShown ? props.labels : null}
        </div>
      </div>
      {isActive && !page.layout.isOneUp ? (
        <div aria-hidden className="pointer-events-none absolute inset-0 ring-1 ring-accent ring-inset" />
      ) : null}
    </div>
  );
}
