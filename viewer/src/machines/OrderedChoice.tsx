/** Several values out of a list, in an order that counts: the first is the preferred one. By keyboard as by mouse. */
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLook, IconButton } from '../app/controls';
import { moved } from './draft';

export function OrderedChoice(props: {
  readonly label: string;
  /** What it means that nothing is chosen. */
  readonly none: string;
  readonly choices: ReadonlyMap<string, string>;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const adding = useRef<HTMLSelectElement>(null);
  const { choices, values, onChange } = props;
  const nameOf = (value: string) => choices.get(value) ?? value;
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1 text-[13px] text-soft">{props.label}</legend>
      {values.length === 0 ? (
        <p className="py-1.5 text-sm text-faint">{props.none}</p>
      ) : (
        <ol className="flex flex-col rounded-md border border-line">
          {values.map((value, place) => (
            <li key={value} className="flex items-center gap-1 border-b border-line pl-3 last:border-b-0">
              <span className="min-w-0 flex-1 truncate text-sm" title={value}>
                {place + 1}. {nameOf(value)}
              </span>
              <IconButton
                icon={ArrowUp}
                label={t('machines.form.up', { name: nameOf(value) })}
                isDisabled={place === 0}
                onPress={() => onChange(moved(values, place, -1))}
              />
              <IconButton
                icon={ArrowDown}
                label={t('machines.form.down', { name: nameOf(value) })}
                isDisabled={place === values.length - 1}
                onPress={() => onChange(moved(values, place, 1))}
              />
              <IconButton
                icon={X}
                label={t('machines.form.drop', { name: nameOf(value) })}
                onPress={() => {
                  onChange(values.filter((other) => other !== value));
                  adding.current?.focus();
                }}
              />
            </li>
          ))}
        </ol>
      )}
      <label htmlFor={id} className="sr-only">
        {t('machines.form.addTo', { list: props.label })}
      </label>
      <select
        ref={adding}
        id={id}
        value=""
        className={fieldLook}
        onChange={(event) => onChange([...values, event.target.value])}
      >
        <option value="">{t('machines.form.add')}</option>
        {[...choices]
          .filter(([value]) => !values.includes(value))
          .map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
      </select>
    </fieldset>
  );
}
