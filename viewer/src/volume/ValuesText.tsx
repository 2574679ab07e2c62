/** The values under the hand: of the voxel that lies there, in both volumes where two lie over each other. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { meaningOf } from '../imaging/fusion';
import type { ScreenPoint } from '../imaging/placement';
import { type PlaneId, patientAt } from '../imaging/reformat';
import type { OpenSeries, ViewStore } from '../viewport/viewState';
import { useUnitText } from './useUnitText';
import type { VolumeStage } from './volumeStage';
import type { VolumeStore } from './volumeState';

export function ValuesText(props: {
  readonly id: PlaneId;
  readonly hand: ScreenPoint | undefined;
  readonly stage: VolumeStage;
  readonly volume: VolumeStore;
  readonly store: ViewStore;
  readonly series: OpenSeries;
}) {
  const { i18n } = useTranslation();
  const unitText = useUnitText();
  const { id, hand, series } = props;
  const { planes, cross, volume, slab, above } = useStore(props.volume);
  const placement = useStore(props.store, (state) => state.placement);
  const below = useMemo(() => meaningOf(volume, series.frames), [volume, series]);
  // A slab shows what is somewhere in its thickness, not the value of one place.
  if (!hand || !placement || slab.mm > 0) {
    return null;
  }
  const values = props.stage.valuesAt(patientAt(planes[id], placement, cross, hand));
  const line = (modality: string, unit: string, value: number | undefined) => {
    const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: Math.abs(value ?? 0) < 100 ? 2 : 0 });
    return `${modality} ${value === undefined ? '–' : `${number.format(value)} ${unitText(unit)}`}`;
  };
  return (
    <span data-testid="values" className="flex flex-col items-end">
      <span>
        {line(series.modality, below.unit, values.below === undefined ? undefined : values.below * below.factor)}
      </span>
      {above ? <span>{line(above.modality, above.unit, values.above)}</span> : null}
    </span>
  );
}
