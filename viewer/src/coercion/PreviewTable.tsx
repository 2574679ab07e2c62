/** What rules would make of what a machine sent last. */
import { useTranslation } from 'react-i18next';
import { cell } from '../machines/Section';
import type { Preview } from '../server/coercion';
import { changesOf } from './draft';

const columns = ['attribute', 'before', 'after', 'by', 'instances'] as const;

export function PreviewTable({ preview }: { readonly preview: Preview }) {
  const { t } = useTranslation();
  const changes = changesOf(preview);
  const count = preview.instances.length;
  return (
    <div className="rounded-md border border-line bg-raised py-2 text-sm">
      <p className="px-5 font-medium">
        {count === 0 ? t('coercion.nothingThere') : t('coercion.lookedAt', { count, changes: changes.length })}
      </p>
      {changes.length === 0 ? null : (
        <div className="max-h-64 overflow-auto">
          <table className="w-full">
            <thead className="text-xs text-faint">
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col" className={cell}>
                    {t(`coercion.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <tr key={JSON.stringify(change)} className="border-t border-line">
                  <td className={cell}>{change.attribute}</td>
                  <td className={`${cell} text-soft`}>{change.before ?? t('coercion.absent')}</td>
                  <td className={`${cell} font-medium`}>{change.after ?? t('coercion.absent')}</td>
                  <td className={`${cell} text-soft`}>
                    {change.rule === null
                      ? t('coercion.characterSet')
                      : t('coercion.rule', { number: change.rule + 1 })}
                  </td>
                  <td className={`${cell} tabular-nums`}>{change.instances}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
