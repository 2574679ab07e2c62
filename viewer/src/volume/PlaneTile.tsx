/** One plane on the screen, with what lies over it. */
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ScreenPoint } from '../imaging/placement';
import { lookingAlong, type PlaneId, standardPlanes } from '../imaging/reformat';
import { dot } from '../imaging/vector';
import { WindowText } from '../viewport/Overlay';
import { CrossLines, planeColours } from './CrossLines';
import { ValuesText } from './ValuesText';
import { type TileProps, VolumeTile } from './VolumeTile';
import { planeCount, type VolumeStore } from './volumeState';

interface PlaneTileProps extends TileProps {
  readonly id: PlaneId;
  readonly volume: VolumeStore;
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

export function PlaneTile({ id, volume, ...rest }: PlaneTileProps) {
  const { t } = useTranslation();
  const { stage, cell } = rest;
  const add = useCallback((element: HTMLDivElement) => stage.addPlane(element, id, cell.store), [stage, id, cell]);
  const [hand, setHand] = useState<ScreenPoint>();
  const frameCount = useCallback(() => planeCount(volume.getState(), id), [volume, id]);
  return (
    <VolumeTile
      {...rest}
      name={`plane-${id}`}
      label={t('volume.picture', { name: t(`volume.plane.${id}`) })}
      add={add}
      frameCount={frameCount}
      hovered={setHand}
      lines={<CrossLines id={id} volume={volume} store={cell.store} />}
      labels={
        <>
          <PlaneCorner id={id} volume={volume} />
          <div className="absolute top-2.5 right-3 flex flex-col items-end gap-px text-right">
            <WindowText store={cell.store} />
            <ValuesText id={id} hand={hand} stage={stage} volume={volume} store={cell.store} series={rest.series} />
          </div>
        </>
      }
    />
  );
}
