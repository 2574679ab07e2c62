/** The viewports as the layout lays them out. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { visibleCells } from './layout';
import type { Reading, ReadingStore } from './readingState';
import type { Stage } from './stage';
import { Viewport } from './Viewport';

/** The engine with its viewports, fetched after the page stands. */
function useStage(reading: Reading): Stage | undefined {
  const [stage, setStage] = useState<Stage>();
  useEffect(() => {
    let isGone = false;
    let created: Stage | undefined;
    import('./stage').then(
      (engine) => {
        if (!isGone) {
          created = new engine.Stage(reading.store);
          setStage(created);
        }
      },
      () => reading.store.setState({ rendering: 'failed' }),
    );
    return () => {
      isGone = true;
      setStage(undefined);
      created?.destroy();
    };
  }, [reading]);
  return stage;
}

/** Told once the engine is there: that it draws without the graphics card, or cannot draw. */
function RenderingNotice({ reading }: { readonly reading: ReadingStore }) {
  const { t } = useTranslation();
  const rendering = useStore(reading, (state) => state.rendering);
  const contextLost = useStore(reading, (state) => state.contextLost);
  if (rendering !== 'cpu' && rendering !== 'failed') {
    return null;
  }
  const text = rendering === 'failed' ? 'viewer.engineFailed' : contextLost ? 'viewer.contextLost' : 'viewer.noWebGl';
  return (
    <p
      role="status"
      className="pointer-events-none absolute bottom-3 left-1/2 z-10 -translate-x-1/2 rounded-md bg-raised/90 px-3 py-1 text-xs text-warn"
    >
      {t(text)}
    </p>
  );
}

/** What could not be done just now; gone with the next thing that is. */
function Trouble({ reading }: { readonly reading: ReadingStore }) {
  const { t } = useTranslation();
  const trouble = useStore(reading, (state) => state.trouble);
  return (
    <p
      role="status"
      className={`pointer-events-none absolute top-3 left-1/2 z-40 -translate-x-1/2 rounded-md bg-raised px-3 py-1.5 text-sm text-warn ${trouble ? '' : 'hidden'}`}
    >
      {trouble ? t(`hanging.${trouble}`) : ''}
    </p>
  );
}

export function ViewportGrid(props: { readonly reading: Reading; readonly uid: StudyInstanceUid }) {
  const { reading } = props;
  const stage = useStage(reading);
  const layout = useStore(reading.store, (state) => state.layout);
  const volume = useStore(reading.store, (state) => state.volume);
  const visible = visibleCells(layout);
  // A viewport that was there once stays, if hidden: taking one away leaves its neighbours on the same WebGL context
  // magnified (cornerstone3D issue 2909), and what was done to its picture would be lost.
  const everVisible = useRef(0);
  everVisible.current = Math.max(everVisible.current, layout.rows * layout.columns);

  useEffect(() => {
    if (volume) {
      stage?.serve([]);
      return;
    }
    const others = visibleCells(layout).filter((place) => place !== layout.active);
    stage?.serve([layout.active, ...others].flatMap((place) => reading.cells[place]?.store ?? []));
  }, [stage, layout, reading, volume]);

  const [rows, columns] = layout.isOneUp ? [1, 1] : [layout.rows, layout.columns];
  return (
    <>
      <div
        data-testid="layout"
        data-viewports={visible.length}
        className="absolute inset-0 grid gap-px bg-line"
        style={{
          gridTemplateRows: `repeat(${rows}, minmax(0, 1fr))`,
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        }}
      >
        {reading.cells.slice(0, everVisible.current).map((cell, place) => (
          <Viewport
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            key={place}
            reading={reading}
            stage={stage}
            cell={cell}
            place={place}
            uid={props.uid}
          />
        ))}
      </div>
      <RenderingNotice reading={reading.store} />
      <Trouble reading={reading.store} />
    </>
  );
}
