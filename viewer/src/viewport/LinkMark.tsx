/** The mark of linked viewports; a broken one where a viewport cannot be scrolled with the active one. */
import { Link2, Unlink2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { followingIndex } from './linking';
import { isLinked } from './links';
import type { Cell, Reading } from './readingState';

export function LinkMark({ reading, cell }: { readonly reading: Reading; readonly cell: Cell }) {
  const { t } = useTranslation();
  const links = useStore(reading.store, (state) => state.links);
  const layout = useStore(reading.store, (state) => state.layout);
  const active = reading.cells[layout.active] ?? cell;
  const series = useStore(cell.store, (state) => state.series);
  // Where they go together may depend on the frames that are shown.
  useStore(cell.store, (state) => state.index);
  useStore(active.store, (state) => state.index);
  const activeSeries = useStore(active.store, (state) => state.series);
  if (!links.isOn || layout.rows * layout.columns === 1 || layout.isOneUp || !series || !activeSeries) {
    return null;
  }
  const together = !isLinked(links, 'scroll') || active === cell || followingIndex(reading, active, cell) !== undefined;
  const [Icon, text] = together ? [Link2, t('layout.linked')] : [Unlink2, t('layout.notScrolled')];
  return (
    <span
      role="img"
      aria-label={text}
      data-testid="link-mark"
      data-together={together}
      className={`absolute bottom-8 left-1/2 z-10 -translate-x-1/2 rounded bg-black/60 p-1 ${together ? 'text-accent' : 'text-faint'}`}
    >
      <Icon size={14} strokeWidth={2} aria-hidden />
    </span>
  );
}
