/** What a reader has to know of the volume: how far it is loaded, what is interpolated, left out or put straight. */
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { VolumeLimit } from '../imaging/volumeGeometry';
import type { VolumeStore } from './volumeState';

function useLimitText(): (limit: VolumeLimit) => string {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  return (limit) => {
    const values = Object.entries(limit).map(([name, value]) => [
      name,
      typeof value === 'number' && name !== 'count' ? number.format(value) : value,
    ]);
    return String(t(`volume.limit.${limit.kind}`, Object.fromEntries(values)));
  };
}

export function VolumeNotes({ store }: { readonly store: VolumeStore }) {
  const { t } = useTranslation();
  const limitText = useLimitText();
  const { limits } = useStore(store, (state) => state.volume);
  const needed = useStore(store, (state) => state.needed);
  const loaded = useStore(store, (state) => state.loaded);
  const failed = useStore(store, (state) => state.failed);
  const notes = [...limits.map(limitText), ...(failed > 0 ? [t('volume.failed', { count: failed })] : [])];
  return (
    <>
      {notes.length > 0 ? (
        <ul
          role="status"
          data-testid="volume-notes"
          className="shrink-0 border-b border-line bg-panel px-3 py-1 text-xs text-warn"
        >
          {notes.map((note) => (
            <li key={note} className="flex items-center gap-2 py-0.5">
              <TriangleAlert size={13} aria-hidden className="shrink-0" />
              {note}
            </li>
          ))}
        </ul>
      ) : null}
      {loaded + failed < needed ? (
        <div
          role="progressbar"
          aria-label={t('volume.loading', { loaded, needed })}
          aria-valuemin={0}
          aria-valuemax={needed}
          aria-valuenow={loaded}
          className="relative h-1 shrink-0 bg-line"
        >
          <div className="absolute inset-y-0 left-0 bg-accent" style={{ width: `${(100 * loaded) / needed}%` }} />
        </div>
      ) : null}
    </>
  );
}
