/** Who saved what is kept, and when: every version, the newest first, each to be looked at as it was saved. */
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { readableDate, readableTime } from '../imaging/dates';
import type { AnnotationTable } from './table';

export function VersionList({ table }: { readonly table: AnnotationTable }) {
  const { t } = useTranslation();
  const { desk, keeper } = table;
  const versions = useStore(keeper.store, (state) => state.versions);
  const shown = useStore(desk.store, ({ earlier }) => earlier?.sopInstanceUid);
  if (versions.length === 0) {
    return null;
  }
  return (
    <details className="px-3 py-2 text-xs text-soft">
      <summary className="cursor-default">{t('annotations.versions', { count: versions.length })}</summary>
      <ol aria-label={t('annotations.versionList')} className="mt-1 flex flex-col gap-1">
        {versions.map((version) => (
          <li key={version.sopInstanceUid}>
            <button
              type="button"
              aria-pressed={version.sopInstanceUid === shown}
              onClick={() => desk.look(version.sopInstanceUid === shown ? undefined : version)}
              className="w-full cursor-default rounded px-1 py-0.5 text-left tabular-nums hover:bg-hover hover:text-ink aria-pressed:text-warn"
            >
              {readableDate(version.date)} {readableTime(version.time)} · {version.author} ·{' '}
              {t('annotations.count', { count: version.annotations.length })}
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}
