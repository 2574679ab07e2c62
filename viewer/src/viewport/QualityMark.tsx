/** How good what is on the screen is, in words and by colour: nothing yet, or the frame as it is stored. Previews say it themselves. */
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ViewStore } from './viewState';

export function QualityMark({ store }: { readonly store: ViewStore }) {
  const { t } = useTranslation();
  const shown = useStore(store, (state) => state.shown);
  const isSilent = useStore(store, (state) => state.failure !== undefined || !state.series || !state.everShown);
  if (isSilent) {
    return null;
  }
  return (
    <p
      data-testid="quality"
      data-level={shown ? 'full' : 'loading'}
      className="pointer-events-none absolute bottom-8 left-1/2 z-10 flex -translate-x-1/2 items-center gap-1.5 rounded-full bg-black/60 px-2 py-px text-[11px] text-soft"
    >
      <span aria-hidden className={`size-2 rounded-full ${shown ? 'bg-good' : 'bg-danger'}`} />
      {shown ? t('lite.fullQuality') : t('lite.loading')}
    </p>
  );
}
