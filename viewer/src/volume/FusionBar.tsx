/** How what lies above is drawn: its colours, how much of what is below shows through, and its window in its own unit. */

import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Chip } from '../app/controls';
import { coloursOf, type PaletteId, paletteIds } from '../imaging/palettes';
import { rangeOf, windowOf } from '../imaging/window';
import { useUnitText } from './useUnitText';
import type { Above, VolumeStore } from './volumeState';

/** The palette from left to right, as CSS. */
function gradient(palette: PaletteId): string {
  const stops = coloursOf(palette, { lower: 0, upper: 100 }).map(
    ({ value, colour }) => `rgb(${colour.map((part) => Math.round(part * 255)).join(' ')}) ${value}%`,
  );
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

function Edge(props: { readonly label: string; readonly value: number; readonly onChange: (value: number) => void }) {
  return (
    <input
      type="number"
      step="any"
      aria-label={props.label}
      value={Number(props.value.toFixed(2))}
      onChange={({ target }) => {
        if (Number.isFinite(target.valueAsNumber)) {
          props.onChange(target.valueAsNumber);
        }
      }}
      className="h-8 w-20 rounded-md border border-line bg-canvas px-2 text-ink tabular-nums"
    />
  );
}

function Window({ above, onChange }: { readonly above: Above; readonly onChange: (above: Above) => void }) {
  const { t } = useTranslation();
  const unit = useUnitText()(above.unit);
  if (!above.window) {
    return null;
  }
  const { lower, upper } = rangeOf(above.window);
  const set = (from: number, to: number) => {
    if (from < to) {
      onChange({ ...above, window: windowOf({ lower: from, upper: to }, 'LINEAR_EXACT') });
    }
  };
  return (
    <fieldset
      aria-label={t('volume.fusion.window', { modality: above.modality })}
      className="flex items-center gap-1.5 px-2 text-xs text-soft"
    >
      <Edge label={t('volume.fusion.lower')} value={lower} onChange={(value) => set(value, upper)} />
      <span
        aria-hidden
        className="h-3 w-28 rounded-sm border border-line"
        style={{ background: gradient(above.palette) }}
      />
      <Edge label={t('volume.fusion.upper')} value={upper} onChange={(value) => set(lower, value)} />
      <span data-testid="fusion-unit">{unit}</span>
    </fieldset>
  );
}

export function FusionBar({ store, modality }: { readonly store: VolumeStore; readonly modality: string }) {
  const { t, i18n } = useTranslation();
  const above = useStore(store, (state) => state.above);
  if (!above) {
    return null;
  }
  const change = (changed: Above) => store.setState({ above: changed });
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' });
  return (
    <div
      role="toolbar"
      aria-label={t('volume.fusion.controls')}
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-1 border-b border-line bg-panel px-3"
    >
      <span className="pr-2 text-[13px] font-medium">
        {t('volume.fusion.pair', { above: above.modality, below: modality })}
      </span>
      <Slider
        aria-label={t('volume.fusion.opacity')}
        value={above.opacity}
        minValue={0}
        maxValue={1}
        step={0.05}
        onChange={(opacity) => change({ ...above, opacity })}
        className="flex items-center gap-2.5 px-2"
      >
        <span className="text-xs whitespace-nowrap text-soft">{t('volume.fusion.opacity')}</span>
        <SliderTrack className="relative h-8 w-32 before:absolute before:top-1/2 before:h-1 before:w-full before:-translate-y-1/2 before:rounded before:bg-line">
          <SliderThumb className="top-1/2 size-3.5 rounded-full bg-accent data-[focus-visible]:ring-2 data-[focus-visible]:ring-white" />
        </SliderTrack>
        <span className="w-12 text-xs text-soft tabular-nums">{percent.format(above.opacity)}</span>
      </Slider>
      <label className="flex items-center gap-2 px-2 text-xs text-soft">
        {t('volume.fusion.colours')}
        <select
          value={above.palette}
          onChange={({ target }) => change({ ...above, palette: target.value as PaletteId })}
          className="h-8 rounded-md border border-line bg-canvas px-2 text-ink"
        >
          {paletteIds.map((id) => (
            <option key={id} value={id}>
              {t(`volume.fusion.palette.${id}`)}
            </option>
          ))}
        </select>
      </label>
      <Window above={above} onChange={change} />
      <fieldset aria-label={t('volume.fusion.hand')} className="flex items-center gap-1 px-2">
        <span className="pr-1 text-xs text-soft">{t('volume.fusion.hand')}</span>
        {[false, true].map((takesWindow) => (
          <Chip
            key={String(takesWindow)}
            isSelected={above.takesWindow === takesWindow}
            onSelect={() => change({ ...above, takesWindow })}
          >
            {takesWindow ? above.modality : modality}
          </Chip>
        ))}
      </fieldset>
    </div>
  );
}
