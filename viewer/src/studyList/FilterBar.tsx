/** Search and filters over the study list: those that are used all day. The others come after the list. */
import { Search, SlidersHorizontal, X } from 'lucide-react';
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Chip, fieldLook } from '../app/controls';
import { type FilterProps, modalities, quickDates, searchScopes, withFilter, without, withoutPatient } from './filters';

/** The calendar is a fifth of the list's code and rarely opened: it comes after the list. */
const RangePicker = lazy(() => import('./RangePicker').then(({ RangePicker: component }) => ({ default: component })));

/** Typing settles for this long before it is searched for. */
const typingMs = 250;

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
    <search className="flex min-w-0 max-w-xl flex-1 sm:min-w-64">
      <select
        aria-label={t('list.searchIn')}
        value={scope}
        onChange={({ target }) => onChange(withFilter(filters, 'by', target.value))}
        className="h-9 shrink-0 rounded-l-md border border-r-0 border-line bg-raised px-2 text-[13px] text-soft hover:text-ink max-sm:w-28"
      >
        {searchScopes.map((each) => (
          <option key={each} value={each}>
            {t(`list.scope.${each}`)}
          </option>
        ))}
      </select>
      <div className="relative min-w-0 flex-1">
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
          <button
            type="button"
            aria-label={t('list.clearSearch')}
            onClick={() => setDraft('')}
            className="absolute top-1 right-1 inline-flex size-7 cursor-default items-center justify-center rounded text-soft hover:bg-hover hover:text-ink"
          >
            <X size={15} aria-hidden />
          </button>
        )}
      </div>
    </search>
  );
}

/** Everything that narrows the list. On a phone only the search stands there until more is asked for. */
export function FilterBar(
  props: FilterProps & { readonly inputRef: RefObject<HTMLInputElement | null>; readonly isPhone: boolean },
) {
  const { t } = useTranslation();
  const { filters, onChange, isPhone } = props;
  const [isOpen, setOpen] = useState(false);
  const isShown = !isPhone || isOpen;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-5 gap-y-2.5 border-b border-line bg-panel px-4 py-3 max-sm:px-3 max-sm:py-2">
      <SearchBox {...props} />
      {filters.patient === undefined ? null : (
        <Chip isSelected onSelect={() => onChange(withoutPatient(filters))}>
          {t('list.ofPatient', { id: filters.patient })} ✕
        </Chip>
      )}
      {isPhone ? (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={t('list.filters')}
          onClick={() => setOpen(!isOpen)}
          className="inline-flex size-9 items-center justify-center rounded-md border border-line bg-raised text-soft aria-expanded:border-accent-deep"
        >
          <SlidersHorizontal size={17} aria-hidden />
        </button>
      ) : null}
      {isShown ? (
        <>
          <fieldset aria-label={t('list.studyDate')} className="flex flex-wrap items-center gap-1.5">
            {quickDates.map((quick) => (
              <Chip
                key={quick}
                isSelected={filters.date === quick}
                onSelect={() => onChange({ ...filters, date: quick })}
              >
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
        </>
      ) : null}
    </div>
  );
}
