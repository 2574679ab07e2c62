/** How fast the stack plays. */
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { fastestFrameRate, slowestFrameRate } from '../imaging/cine';
import type { ToolContext } from '../tools/types';
import type { ViewStore } from './viewState';

export function RateSlider({
  store,
  context,
}: {
  readonly store: ViewStore;
  readonly context: () => ToolContext | undefined;
}) {
  const { t } = useTranslation();
  const { rate, canPlay } = useStore(
    store,
    useShallow((state) => ({ rate: state.frameRate, canPlay: (state.series?.frames.length ?? 0) > 1 })),
  );
  if (!canPlay) {
    return null;
  }
  return (
    <Slider
      aria-label={t('tools.frameRate')}
      value={rate}
      minValue={slowestFrameRate}
      maxValue={fastestFrameRate}
      onChange={(value) => context()?.view.setFrameRate(value)}
      className="flex items-center gap-2.5 px-2"
    >
      <SliderTrack className="relative h-9 w-24 before:absolute before:top-1/2 before:h-1 before:w-full before:-translate-y-1/2 before:rounded before:bg-line">
        <SliderThumb className="top-1/2 size-3.5 rounded-full bg-accent data-[focus-visible]:ring-2 data-[focus-visible]:ring-white" />
      </SliderTrack>
      <span className="w-20 text-xs whitespace-nowrap text-soft tabular-nums">
        {t('tools.framesPerSecond', { rate })}
      </span>
    </Slider>
  );
}
