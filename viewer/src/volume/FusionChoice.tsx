/** Choosing what is laid over the volume, and the word why it was not. */
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../app/controls';
import type { Series } from '../dicomweb/series';
import type { Fusion } from './useFusion';

function nameOf({ modality, seriesNumber, description }: Series): string {
  return [modality, seriesNumber, description].filter((part) => part !== undefined).join(' · ');
}

export function FusionChoice({ fusion }: { readonly fusion: Fusion }) {
  const { t } = useTranslation();
  const { candidates, other, choose } = fusion;
  if (candidates.length === 0) {
    return null;
  }
  return (
    <label className="flex items-center gap-2 pl-3 text-xs text-soft">
      {t('volume.fusion.with')}
      <select
        value={other?.seriesInstanceUid ?? ''}
        onChange={({ target }) => choose(candidates.find(({ seriesInstanceUid: uid }) => uid === target.value))}
        className="h-8 max-w-56 rounded-md border border-line bg-canvas px-2 text-ink"
      >
        <option value="">{t('volume.fusion.none')}</option>
        {candidates.map((series) => (
          <option key={series.seriesInstanceUid} value={series.seriesInstanceUid}>
            {nameOf(series)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function FusionNotice({ fusion: { refused, choose } }: { readonly fusion: Fusion }) {
  const { t } = useTranslation();
  return refused ? (
    <div
      role="alert"
      data-testid="fusion-refused"
      className="flex shrink-0 items-center gap-2 border-b border-line bg-panel px-3 py-0.5 text-xs text-warn"
    >
      <span className="flex-1">
        {t('volume.fusion.refused', { series: nameOf(refused.series), why: t(`volume.fusion.why.${refused.why}`) })}
      </span>
      <IconButton icon={X} label={t('common.close')} onPress={() => choose(undefined)} />
    </div>
  ) : null;
}
