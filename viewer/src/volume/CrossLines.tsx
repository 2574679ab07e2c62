/**
 * Where the other planes cut this one. The hand takes hold of the middle and moves both, of a line and moves that plane,
 * or of the grips near the ends of a line and turns both other planes: `data-hold` tells the plane's view which it is.
 */
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ScreenPoint } from '../imaging/placement';
import { cutDirection, type PlaneId, planeIds, screenOf } from '../imaging/reformat';
import type { ViewStore } from '../viewport/viewState';
import type { VolumeStore } from './volumeState';

export const planeColours: Readonly<Record<PlaneId, string>> = {
  axial: '#f87171',
  sagittal: '#facc15',
  coronal: '#4ade80',
};

/** In pixels: the middle that stays free, how near the hand has to come, and where on a line the grips are. */
const [freeMiddle, reach, gripShare] = [14, 12, 0.36];

interface CrossLinesProps {
  readonly id: PlaneId;
  readonly volume: VolumeStore;
  readonly store: ViewStore;
}

export function CrossLines({ id, volume, store }: CrossLinesProps) {
  const { t } = useTranslation();
  const cross = useStore(volume, (state) => state.cross);
  const planes = useStore(volume, (state) => state.planes);
  const slabMm = useStore(volume, (state) => state.slab.mm);
  const placement = useStore(store, (state) => state.placement);
  const middle = placement && screenOf(planes[id], placement, cross);
  if (!placement || !middle) {
    return null;
  }
  const { width, height } = placement;
  const far = Math.hypot(width, height);
  const gripAt = Math.min(width, height) * gripShare;

  const others = planeIds.filter((other) => other !== id);
  const point = ([x, y]: ScreenPoint, distance: number, beside = 0): ScreenPoint => [
    middle[0] + x * distance - y * beside,
    middle[1] + y * distance + x * beside,
  ];
  const line = (direction: ScreenPoint, from: number, to: number, beside = 0) => {
    const [a, b] = [point(direction, from, beside), point(direction, to, beside)];
    return { x1: a[0], y1: a[1], x2: b[0], y2: b[1] };
  };
  return (
    <svg
      data-testid="cross"
      data-x={middle[0]}
      data-y={middle[1]}
      data-mm={placement.right[0]}
      className="pointer-events-none absolute inset-0 size-full overflow-hidden"
    >
      <title>{t('volume.cross')}</title>
      {others.map((other) => {
        const direction = cutDirection(planes, id, other);
        const slab = slabMm / 2 / placement.right[0];
        return (
          <g key={other} data-testid={`cut-${other}`} stroke={planeColours[other]}>
            {[1, -1].map((side) => (
              <g key={side}>
                <line {...line(direction, side * freeMiddle, side * far)} strokeWidth={1} />
                {slabMm > 0 ? (
                  <line {...line(direction, -far, far, side * slab)} strokeWidth={1} strokeDasharray="3 5" />
                ) : null}
                <line
                  {...line(direction, side * freeMiddle, side * far)}
                  stroke="transparent"
                  strokeWidth={reach}
                  className="cursor-move"
                  pointerEvents="stroke"
                  data-hold={other}
                />
                <circle
                  data-testid={`turn-${other}`}
                  cx={point(direction, side * gripAt)[0]}
                  cy={point(direction, side * gripAt)[1]}
                  r={5}
                  fill="#000"
                  className="cursor-grab"
                  pointerEvents="all"
                  data-hold="turn"
                >
                  <title>{t('volume.turn')}</title>
                </circle>
              </g>
            ))}
          </g>
        );
      })}
      <circle
        cx={middle[0]}
        cy={middle[1]}
        r={reach}
        fill="transparent"
        className="cursor-move"
        pointerEvents="all"
        data-hold="cross"
      />
    </svg>
  );
}
