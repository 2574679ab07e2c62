/** The box that the volume in space is cut to, drawn over it, with a grip on each face: `data-face` tells which it is. */
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { edgesOf, faceIds, middleOfFace } from '../imaging/crop';
import { screenOf } from '../imaging/reformat';
import type { Vector3 } from '../imaging/vector';
import type { ViewStore } from '../viewport/viewState';
import type { VolumeStore } from './volumeState';

const colour = '#38bdf8';

export function CropBox({ volume, store }: { readonly volume: VolumeStore; readonly store: ViewStore }) {
  const { t } = useTranslation();
  const { crop, plane } = useStore(volume, (state) => state.model);
  const placement = useStore(store, (state) => state.placement);
  if (!crop || !placement) {
    return null;
  }
  const at = (point: Vector3) => screenOf(plane, placement, point) ?? [0, 0];
  return (
    <svg data-testid="crop-box" className="pointer-events-none absolute inset-0 size-full overflow-hidden">
      <title>{t('volume.crop.box')}</title>
      {edgesOf(crop).map(([from, to]) => {
        const [[x1, y1], [x2, y2]] = [at(from), at(to)];
        return <line key={`${from} ${to}`} {...{ x1, y1, x2, y2 }} stroke={colour} strokeOpacity={0.6} />;
      })}
      {faceIds.map((id) => {
        const [cx, cy] = at(middleOfFace(crop, id));
        return (
          <circle
            key={id}
            data-testid={`crop-${id}`}
            data-face={id}
            {...{ cx, cy }}
            r={7}
            fill="#000"
            stroke={colour}
            strokeWidth={2}
            className="cursor-grab"
            pointerEvents="all"
          >
            <title>{t(`volume.crop.face.${id}`)}</title>
          </circle>
        );
      })}
    </svg>
  );
}
