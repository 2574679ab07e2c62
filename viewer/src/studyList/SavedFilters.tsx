/** The filters that an account keeps: one press applies one; they are kept, renamed by keeping anew, and removed here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Bookmark, Trash2 } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Chip, fieldLook } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { removeFilter, saveFilter } from '../server/savedFilters';
import type { SavedFilter } from '../server/studyList';
import { type FilterProps, type ListFilters, parseListFilters, withoutPatient } from './filters';
import { Menu } from './Menu';
import { savedFilters } from './openingFilter';

/** Whether two sets of filters show the same list. */
function isSame(one: ListFilters, other: ListFilters): boolean {
  const sorted = (filters: ListFilters) => JSON.stringify(Object.entries(filters).sort());
  return sorted(one) === sorted(other);
}

function SaveForm(props: { readonly filters: ListFilters; readonly saved: readonly SavedFilter[] }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [opens, setOpens] = useState(false);
  const nameRef = useRef<HTMLInputElement>(null);
  const again = { onSuccess: () => queryClient.invalidateQueries({ queryKey: savedFilters.queryKey }) };
  const save = useMutation({
    mutationFn: () => saveFilter(name.trim(), { filters: { ...withoutPatient(props.filters) }, opens }),
    onSuccess: async () => {
      await again.onSuccess();
      setName('');
      // The button has nothing to save any more and loses the focus, with which Escape would lose its meaning.
      nameRef.current?.focus();
    },
  });
  const remove = useMutation({ mutationFn: removeFilter, ...again });
  const open = useMutation({
    mutationFn: ({ name: of, filters, opens: isOpening }: SavedFilter) =>
      saveFilter(of, { filters, opens: !isOpening }),
    ...again,
  });
  const failure = save.error ?? remove.error ?? open.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') {
      save.mutate();
    }
  };
  return (
    <div className="flex w-72 flex-col gap-3">
      <form onSubmit={submit} className="flex flex-col gap-2">
        <label className="flex flex-col gap-1 text-[13px] text-soft">
          {t('listMenu.filterName')}
          <input
            ref={nameRef}
            value={name}
            maxLength={64}
            onChange={({ target }) => setName(target.value)}
            className={fieldLook}
          />
        </label>
        <label className="flex items-center gap-2 text-[13px]">
          <input
            type="checkbox"
            checked={opens}
            onChange={({ target }) => setOpens(target.checked)}
            className="size-4 accent-accent-deep"
          />
          {t('listMenu.opens')}
        </label>
        <Button type="submit" look="primary" isDisabled={name.trim() === ''}>
          {t('listMenu.save')}
        </Button>
      </form>
      {props.saved.length > 0 ? (
        <ul aria-label={t('listMenu.saved')} className="flex flex-col gap-1 border-t border-line pt-2">
          {props.saved.map((saved) => (
            <li key={saved.name} className="flex items-center gap-2 text-sm">
              <span className="min-w-0 flex-1 truncate">{saved.name}</span>
              <label className="flex shrink-0 items-center gap-1 text-xs text-faint">
                <input
                  type="checkbox"
                  aria-label={t('listMenu.opensWith', { name: saved.name })}
                  checked={saved.opens}
                  onChange={() => open.mutate(saved)}
                  className="size-3.5 accent-accent-deep"
                />
                {t('listMenu.atStart')}
              </label>
              <button
                type="button"
                aria-label={t('listMenu.remove', { name: saved.name })}
                onClick={() => remove.mutate(saved.name)}
                className="inline-flex size-7 items-center justify-center rounded text-soft hover:bg-hover hover:text-ink"
              >
                <Trash2 size={14} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {failure ? (
        <p role="alert" className="text-[13px] text-danger">
          {failureText(failure)}
        </p>
      ) : null}
    </div>
  );
}

export function SavedFilters({ filters, onChange }: FilterProps) {
  const { t } = useTranslation();
  const saved = useQuery(savedFilters).data ?? [];
  return (
    <fieldset aria-label={t('listMenu.saved')} className="flex flex-wrap items-center gap-1.5">
      <Menu
        name={t('listMenu.saveThis')}
        label={
          <>
            <Bookmark size={15} aria-hidden />
            {t('listMenu.saveThis')}
          </>
        }
      >
        <SaveForm filters={filters} saved={saved} />
      </Menu>
      {saved.map((each) => {
        const kept = parseListFilters(each.filters);
        return (
          <Chip key={each.name} isSelected={isSame(kept, filters)} onSelect={() => onChange(kept)}>
            {each.name}
          </Chip>
        );
      })}
    </fieldset>
  );
}
