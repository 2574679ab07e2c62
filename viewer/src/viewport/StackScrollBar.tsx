/** Where one stands in the stack, and which frames are here (bright), on their way (dark) or failed (red). */
import { type PointerEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { FrameState, type ImageView, type ViewStore } from './viewState';

const colours: Readonly<Record<number, string>> = {
  [FrameState.absent]: '#1b2430',
  [FrameState.loaded]: '#3f6f8f',
  [FrameState.failed]: '#b91c1c',
};

function draw(canvas: HTMLCanvasElement, states: Uint8Array): void {
  const height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
  canvas.width = 1;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context || states.length === 0) {
    return;
  }
  states.forEach((state, index) => {
    const top = Math.floor((index * height) / states.length);
    const bottom = Math.max(top + 1, Math.floor(((index + 1) * height) / states.length));
    context.fillStyle = colours[state] ?? '#1b2430';
    context.fillRect(0, top, 1, bottom - top);
  });
}

export function StackScrollBar({
  store,
  view,
  controls,
}: {
  readonly store: ViewStore;
  readonly view: ImageView | undefined;
  /** The id of the picture. */
  readonly controls: string;
}) {
  const { t } = useTranslation();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const trackRef = useRef<HTMLDivElement>(null);
  const states = useStore(store, (state) => state.frameStates);
  const index = useStore(store, (state) => state.index);
  const loadedCount = useStore(store, (state) => state.loadedCount);
  const count = states.length;

  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas) {
      return undefined;
    }
    draw(canvas, states);
    const observer = new ResizeObserver(() => draw(canvas, states));
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [states]);

  if (count < 2) {
    return null;
  }

  const goTo = (event: PointerEvent<HTMLDivElement>) => {
    const box = trackRef.current?.getBoundingClientRect();
    if (box && box.height > 0) {
      view?.showFrame(((event.clientY - box.top) / box.height) * (count - 1));
    }
  };

  return (
    <div
      ref={trackRef}
      role="scrollbar"
      aria-label={t('viewer.stackPosition')}
      aria-controls={controls}
      aria-orientation="vertical"
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={index + 1}
      aria-valuetext={t('viewer.imageOf', { index: index + 1, count })}
      tabIndex={-1}
      title={t('viewer.loaded', { loaded: loadedCount, count })}
      data-testid="stack-scroll-bar"
      data-loaded={loadedCount}
      className="relative w-4 shrink-0 touch-none border-l border-line bg-panel"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        goTo(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons !== 0) {
          goTo(event);
        }
      }}
    >
      <canvas ref={canvasRef} aria-hidden className="absolute inset-y-1 left-1 h-[calc(100%-0.5rem)] w-2" />
      <div
        aria-hidden
        className="absolute inset-x-0 h-1.5 -translate-y-1/2 rounded-sm bg-white shadow shadow-black"
        style={{ top: `calc(0.25rem + (100% - 0.5rem) * ${(index + 0.5) / count})` }}
      />
    </div>
  );
}
