/** What holds for all planes: how thick they are and what is shown of that, whether they are straight, and which volume. */
import { AlignVerticalJustifyCenter, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Chip, IconButton } from '../app/controls';
import { isTurned, standardPlanes } from '../imaging/reformat';
import type { Volume } from '../imaging/volumeGeometry';
import { CropSwitch } from './CropControls';
import { isPresetFor, type ModelPreset, modelPresets } from './modelPresets';
import { projections, thickest, thinnest, type VolumeStore } from './volumeState';

function SlabControls({ store }: { readonly store: VolumeStore }) {
  const { t } = useTranslation();
  const slab = useStore(store, (state) => state.slab);
  return (
    <>
      <Slider
        aria-label={t('volume.thickness')}
        value={slab.mm}
        minValue={thinnest}
        maxValue={thickest}
        onChange={(mm) => store.setState({ slab: { ...slab, mm } })}
        className="flex items-center gap-2.5 px-2"
      >
        <span className="text-xs whitespace-nowrap text-soft">{t('volume.thickness')}</span>
        <SliderTrack className="relative h-8 w-32 before:absolute before:top-1/2 before:h-1 before:w-full before:-translate-y-1/2 before:rounded before:bg-line">
          <SliderThumb className="top-1/2 size-3.5 rounded-full bg-accent data-[focus-visible]:ring-2 data-[focus-visible]:ring-white" />
        </SliderTrack>
        <span className="w-24 text-xs whitespace-nowrap text-soft tabular-nums">
          {slab.mm > 0 ? t('volume.millimetres', { mm: slab.mm }) : t('volume.onePlane')}
        </span>
      </Slider>
      {projections.map((projection) => (
        <Chip
          key={projection}
          isSelected={slab.mm > 0 && slab.projection === projection}
          // A projection of nothing shows nothing: a slab is chosen with it.
          onSelect={() => store.setState({ slab: { mm: slab.mm || 10, projection } })}
        >
          {t(`volume.projection.${projection}`)}
        </Chip>
      ))}
    </>
  );
}

export function VolumeBar(props: {
  readonly store: VolumeStore | undefined;
  readonly modality: string;
  readonly volumes: readonly Volume[];
  readonly place: number;
  readonly onChoose: (place: number) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { t } = useTranslation();
  const { store, volumes, place } = props;
  return (
    <div
      role="toolbar"
      aria-label={t('volume.controls')}
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-1 border-b border-line bg-panel px-3"
    >
      {volumes.length > 1 ? (
        <label className="flex items-center gap-2 pr-3 text-xs text-soft">
          {t('volume.choose')}
          <select
            value={place}
            onChange={({ target }) => props.onChoose(Number(target.value))}
            className="h-8 rounded-md border border-line bg-canvas px-2 text-ink"
          >
            {volumes.map(({ sources }, at) => (
              <option key={sources[0]?.frame} value={at}>
                {t('volume.choice', { place: at + 1, count: sources.length })}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {store ? (
        <>
          <SlabControls store={store} />
          <Straighten store={store} />
          <PresetChoice store={store} modality={props.modality} />
          <CropSwitch store={store} />
        </>
      ) : null}
      {props.children}
      <span className="flex-1" />
      <IconButton icon={X} label={t('volume.close')} shortcut="M" onPress={props.onClose} />
    </div>
  );
}

/** How the volume is drawn in space. */
function PresetChoice({ store, modality }: { readonly store: VolumeStore; readonly modality: string }) {
  const { t } = useTranslation();
  const { preset } = useStore(store, ({ model }) => model);
  const above = useStore(store, (state) => state.above?.modality);
  const offered = modelPresets.filter((candidate) => candidate !== 'above' || above !== undefined);
  return (
    <label className="flex items-center gap-2 pl-3 text-xs text-soft">
      {t('volume.model')}
      <select
        value={preset}
        onChange={({ target }) =>
          store.setState(({ model }) => ({ model: { ...model, preset: target.value as ModelPreset } }))
        }
        className="h-8 rounded-md border border-line bg-canvas px-2 text-ink"
      >
        {offered.map((candidate) => (
          <option key={candidate} value={candidate} disabled={!isPresetFor(candidate, modality)}>
            {t(`volume.preset.${candidate}`, { modality: above })}
            {isPresetFor(candidate, modality) ? '' : ` (${t('volume.onlyCt')})`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Straighten({ store }: { readonly store: VolumeStore }) {
  const { t } = useTranslation();
  const areTurned = useStore(store, ({ planes }) => isTurned(planes));
  return (
    <IconButton
      icon={AlignVerticalJustifyCenter}
      label={t('volume.straighten')}
      isDisabled={!areTurned}
      onPress={() => store.setState({ planes: standardPlanes })}
    />
  );
}
