/** Who saved what is kept, and when: every version, the newest first. */
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { readableDate, readableTime } from '../imaging/dates';
import type { Keeper } from './keeper';

export function VersionList({ keeper }: { readonly keeper: Keeper }) {
  const { t } = useTranslation();
  const versions = useStore(keeper.store, (state) => state.versions);
  if (versions.length === 0) {
    return null;
  }
  return (
    <details className="px-3 py-2 text-xs text-soft">
      <summary className="cursor-default">{t('annotations.versions', { count: versions.length })}</summary>
      <ol aria-label={t('annotations.versionList')} className="mt-1 flex flex-col gap-1">
        {versions.map((version) => (
          <li key={version.sopInstanceUid} className="tabular-nums">
            {readableDate(version.date)} {readableTime(version.time)} · {version.author} ·{' '}
            {t('annotations.count', { count: version.annotations.length })}
          </li>
        ))}
      </ol>
    </details>
  );
}
