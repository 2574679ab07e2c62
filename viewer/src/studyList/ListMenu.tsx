/** What stands beside the filters of the list and comes after its rows: kept filters, rarer filters, columns, windows. */
import { useQuery } from '@tanstack/react-query';
import { Columns3, MonitorUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Chip } from '../app/controls';
import { fetchListChoices } from '../server/savedFilters';
import { studyStates } from '../server/studyList';
import { columns } from './columns';
import { type FilterProps, type ListFilters, withFilter, without } from './filters';
import { Menu } from './Menu';
import { shownColumns, usePreferences } from './preferences';
import { SavedFilters } from './SavedFilters';
import './texts';

/** A filter that is one of several values. */
function Choice(
  props: FilterProps & {
    readonly name: 'part' | 'institution' | 'state';
    readonly label: string;
    readonly choices: readonly string[];
    readonly textOf?: (choice: string) => string;
  },
) {
  const { filters, name, textOf } = props;
  const chosen = filters[name];
  const choices = chosen === undefined || props.choices.includes(chosen) ? props.choices : [chosen, ...props.choices];
  return (
    <select
      aria-label={props.label}
      value={chosen ?? ''}
      onChange={({ target }) => props.onChange(withFilter(filters, name, target.value))}
      className={`h-8 max-w-48 rounded-md border px-2 text-[13px] ${
        chosen === undefined ? 'border-line bg-raised text-soft' : 'border-accent-deep bg-accent-deep/35 text-ink'
      }`}
    >
      <option value="">{props.label}</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {textOf ? textOf(choice) : choice}
        </option>
      ))}
    </select>
  );
}

function ColumnMenu({ account }: { readonly account: string }) {
  const { t } = useTranslation();
  const preferences = usePreferences(account);
  const shown = shownColumns(preferences);
  const turn = (id: string) => {
    const { otherwise } = preferences;
    preferences.change({
      otherwise: otherwise.includes(id) ? otherwise.filter((other) => other !== id) : [...otherwise, id],
    });
  };
  return (
    <Menu
      name={t('listMenu.columns')}
      label={
        <>
          <Columns3 size={15} aria-hidden />
          {t('listMenu.columns')}
        </>
      }
    >
      <div className="flex flex-col gap-1.5">
        {columns.map((column) => (
          <label key={column.id} className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              // What a row is found by stays.
              disabled={column.id === 'patientName'}
              checked={shown.includes(column)}
              onChange={() => turn(column.id)}
              className="size-4 accent-accent-deep"
            />
            {t(`list.columns.${column.id}`)}
          </label>
        ))}
      </div>
    </Menu>
  );
}

export function ListMenu(props: FilterProps & { readonly account: string; readonly isPhone: boolean }) {
  const { t } = useTranslation();
  const { account, isPhone, ...filterProps } = props;
  const { filters, onChange } = filterProps;
  const preferences = usePreferences(account);
  const choices = useQuery({
    queryKey: ['list-choices'],
    queryFn: ({ signal }) => fetchListChoices(signal),
  }).data;
  const turnUnread = (): ListFilters =>
    filters.read === undefined ? { ...filters, read: 'unread' } : without(filters, 'read');
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-1.5 border-b border-line bg-panel px-4 py-2 max-sm:hidden">
      <SavedFilters {...filterProps} />
      <fieldset aria-label={t('listMenu.more')} className="ml-2 flex flex-wrap items-center gap-1.5">
        <Chip isSelected={filters.read !== undefined} onSelect={() => onChange(turnUnread())}>
          {t('list.read.unread')}
        </Chip>
        <Choice
          {...filterProps}
          name="state"
          label={t('list.columns.state')}
          choices={studyStates}
          textOf={(state) => t(`list.state.${state}`)}
        />
        <Choice {...filterProps} name="part" label={t('list.columns.part')} choices={choices?.body_parts ?? []} />
        <Choice
          {...filterProps}
          name="institution"
          label={t('list.columns.institution')}
          choices={choices?.institutions ?? []}
        />
      </fieldset>
      <div className="ml-auto flex items-center gap-1.5">
        <ColumnMenu account={account} />
        {isPhone ? null : (
          <Chip
            isSelected={preferences.elsewhere}
            onSelect={() => preferences.change({ elsewhere: !preferences.elsewhere })}
          >
            <span className="inline-flex items-center gap-1.5">
              <MonitorUp size={15} aria-hidden />
              {t('listMenu.secondWindow')}
            </span>
          </Chip>
        )}
      </div>
    </div>
  );
}
