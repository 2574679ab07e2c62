/** Cutting the volume in space to a box: on and off, each face by the keyboard, and the whole again. */
import { Crop, RotateCcw } from 'lucide-react';
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { IconButton } from '../app/controls';
import { type Box, boxOf, type FaceId, faceAt, withFace } from '../imaging/crop';
import type { VolumeStore } from './volumeState';

const axes = [
  { name: 'rightLeft', low: 'right', high: 'left' },
  { name: 'frontBack', low: 'front', high: 'back' },
  { name: 'feetHead', low: 'feet', high: 'head' },
] as const satisfies readonly { readonly name: string; readonly low: FaceId; readonly high: FaceId }[];

function setCrop(store: VolumeStore, crop: Box | undefined): void {
  store.setState(({ model }) => ({ model: { ...model, crop } }));
}

export function CropSwitch({ store }: { readonly store: VolumeStore }) {
  const { t } = useTranslation();
  const isOn = useStore(store, ({ model }) => model.crop !== undefined);
  const grid = useStore(store, ({ volume }) => volume.grid);
  return (
    <IconButton
      icon={Crop}
      label={t('volume.crop.on')}
      isOn={isOn}
      onPress={() => setCrop(store, isOn ? undefined : boxOf(grid))}
    />
  );
}

export function CropBar({ store }: { readonly store: VolumeStore }) {
  const { t } = useTranslation();
  const crop = useStore(store, ({ model }) => model.crop);
  const grid = useStore(store, ({ volume }) => volume.grid);
  if (!crop) {
    return null;
  }
  const whole = boxOf(grid);
  return (
    <div
      role="toolbar"
      aria-label={t('volume.crop.controls')}
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-1 border-b border-line bg-panel px-3"
    >
      {axes.map(({ name, low, high }) => (
        <Slider
          key={name}
          aria-label={t(`volume.crop.axis.${name}`)}
          value={[faceAt(crop, low), faceAt(crop, high)]}
          minValue={faceAt(whole, low)}
          maxValue={faceAt(whole, high)}
          step={0.5}
          onChange={([from = 0, to = 0]) => setCrop(store, withFace(withFace(crop, whole, low, from), whole, high, to))}
          className="flex items-center gap-2.5 px-2"
        >
          <span className="text-xs whitespace-nowrap text-soft">{t(`volume.crop.axis.${name}`)}</span>
          <SliderTrack className="relative h-8 w-36 before:absolute before:top-1/2 before:h-1 before:w-full before:-translate-y-1/2 before:rounded before:bg-line">
            {[low, high].map((id, index) => (
              <SliderThumb
                key={id}
                index={index}
                aria-label={t(`volume.crop.face.${id}`)}
                className="top-1/2 size-3.5 rounded-full bg-accent data-[focus-visible]:ring-2 data-[focus-visible]:ring-white"
              />
            ))}
          </SliderTrack>
        </Slider>
      ))}
      <IconButton icon={RotateCcw} label={t('volume.crop.reset')} onPress={() => setCrop(store, whole)} />
    </div>
  );
}
