/** Search and filters over the study list. */
import { ChevronDown, Search, X } from 'lucide-react';
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from 'react';
import { Button as AriaButton, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Chip, fieldLook } from '../app/controls';
import { type FilterProps, modalities, quickDates, type SearchScope, searchScopes, without } from './filters';

/** The calendar is a fifth of the list's code and rarely opened: it comes after the list. */
const RangePicker = lazy(() => import('./RangePicker').then(({ RangePicker: component }) => ({ default: component })));

/** Typing settles for this long before it is searched for. */
const typingMs = 250;

function ScopeSelect(props: { readonly scope: SearchScope; readonly onChange: (scope: SearchScope) => void }) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={t('list.searchIn')}
      value={props.scope}
      onChange={(key) => {
        const scope = searchScopes.find((candidate) => candidate === key);
        if (scope) {
          props.onChange(scope);
        }
      }}
      className="shrink-0"
    >
      <AriaButton className="flex h-9 cursor-default items-center gap-1.5 rounded-l-md border border-r-0 border-line bg-raised px-3 text-[13px] text-soft hover:bg-hover hover:text-ink">
        <SelectValue />
        <ChevronDown size={14} aria-hidden />
      </AriaButton>
      <Popover className="min-w-44 rounded-md border border-strong bg-raised p-1 shadow-xl shadow-black/50">
        <ListBox className="outline-none">
          {searchScopes.map((scope) => (
            <ListBoxItem
              key={scope}
              id={scope}
              textValue={t(`list.scope.${scope}`)}
              className="cursor-default rounded px-2.5 py-1.5 text-sm outline-none data-[focused]:bg-hover data-[selected]:text-accent"
            >
              {t(`list.scope.${scope}`)}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

function SearchBox(props: FilterProps & { readonly inputRef: RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const { filters, onChange } = props;
  const [draft, setDraft] = useState(filters.q ?? '');
  const sent = useRef(filters.q ?? '');
  const scope = filters.by ?? 'name';

  // The address may change otherwise than by typing: back, forward, cleared filters.
  useEffect(() => {
    if ((filters.q ?? '') !== sent.current) {
      sent.current = filters.q ?? '';
      setDraft(filters.q ?? '');
    }
  }, [filters.q]);

  useEffect(() => {
    if (draft === sent.current) {
      return undefined;
    }
    const timer = window.setTimeout(() => {
      sent.current = draft.trim() === '' ? '' : draft;
      const rest = without(filters, 'q');
      onChange(draft.trim() === '' ? rest : { ...rest, q: draft });
    }, typingMs);
    return () => window.clearTimeout(timer);
  }, [draft, filters, onChange]);

  return (
    <search className="flex w-full max-w-xl min-w-64 flex-1">
      <ScopeSelect
        scope={scope}
        onChange={(next) => onChange(next === 'name' ? without(filters, 'by') : { ...filters, by: next })}
      />
      <div className="relative flex-1">
        <Search size={16} aria-hidden className="pointer-events-none absolute top-2.5 left-3 text-faint" />
        <input
          ref={props.inputRef}
          type="search"
          value={draft}
          maxLength={64}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              setDraft('');
            }
          }}
          aria-label={t(`list.placeholder.${scope}`)}
          placeholder={t(`list.placeholder.${scope}`)}
          className={`${fieldLook} rounded-l-none pr-9 pl-9 text-ellipsis [&::-webkit-search-cancel-button]:hidden`}
        />
        {draft === '' ? null : (
          <AriaButton
            aria-label={t('list.clearSearch')}
            onPress={() => setDraft('')}
            className="absolute top-1 right-1 inline-flex size-7 cursor-default items-center justify-center rounded text-soft hover:bg-hover hover:text-ink"
          >
            <X size={15} aria-hidden />
          </AriaButton>
        )}
      </div>
    </search>
  );
}

/** Everything that narrows the list. */
export function FilterBar(props: FilterProps & { readonly inputRef: RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const { filters, onChange } = props;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-5 gap-y-2.5 border-b border-line bg-panel px-4 py-3">
      <SearchBox {...props} />
      <fieldset aria-label={t('list.studyDate')} className="flex flex-wrap items-center gap-1.5">
        {quickDates.map((quick) => (
          <Chip key={quick} isSelected={filters.date === quick} onSelect={() => onChange({ ...filters, date: quick })}>
            {t(`list.dates.${quick}`)}
          </Chip>
        ))}
        <Chip isSelected={filters.date === undefined} onSelect={() => onChange(without(filters, 'date'))}>
          {t('list.dates.all')}
        </Chip>
        <Suspense fallback={<span className="h-8 w-56 rounded-md border border-line bg-raised" />}>
          <RangePicker filters={filters} onChange={onChange} />
        </Suspense>
      </fieldset>
      <fieldset aria-label={t('list.modality')} className="flex flex-wrap items-center gap-1.5">
        {modalities.map((modality) => (
          <Chip
            key={modality}
            isSelected={filters.modality === modality}
            onSelect={() =>
              onChange(filters.modality === modality ? without(filters, 'modality') : { ...filters, modality })
            }
          >
            {modality}
          </Chip>
        ))}
      </fieldset>
    </div>
  );
}
