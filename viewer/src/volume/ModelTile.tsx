/** The volume in space on the screen. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { CropBox } from './CropBox';
import { type TileProps, VolumeTile } from './VolumeTile';
import type { VolumeStore } from './volumeState';

const noFrames = () => 1;

export function ModelTile({ volume, ...rest }: TileProps & { readonly volume: VolumeStore }) {
  const { t } = useTranslation();
  const { stage, cell } = rest;
  const add = useCallback((element: HTMLDivElement) => stage.addModel(element, cell.store), [stage, cell]);
  const { preset } = useStore(volume, (state) => state.model);
  const above = useStore(volume, (state) => state.above?.modality);
  return (
    <VolumeTile
      {...rest}
      name="model"
      label={t('volume.model')}
      add={add}
      frameCount={noFrames}
      lines={<CropBox volume={volume} store={cell.store} />}
      labels={
        <div className="absolute bottom-3 left-3 flex flex-col gap-px">
          <span className="text-[13px] font-medium text-accent">{t('volume.model')}</span>
          <span data-testid="model-preset">{t(`volume.preset.${preset}`, { modality: above })}</span>
        </div>
      }
    />
  );
}
