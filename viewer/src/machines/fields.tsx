/** Fields of forms: a line of text, several lines, one of a few words, yes or no, several of a few words. */
import { useId } from 'react';
import { fieldLook } from '../app/controls';

/** What stands beneath a field, and the names by which the field says so. */
function below(id: string, hint: string | undefined, problem: string | undefined) {
  const texts = [
    [`${id}-hint`, hint, 'text-faint'],
    [`${id}-problem`, problem, 'text-danger'],
  ] as const;
  const shown = texts.filter(([, text]) => text !== undefined);
  return {
    describing: shown.length === 0 ? {} : { 'aria-describedby': shown.map(([name]) => name).join(' ') },
    texts: shown.map(([name, text, look]) => (
      <p key={name} id={name} className={`text-xs ${look}`}>
        {text}
      </p>
    )),
  };
}

export function Line(props: {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly kind?: 'text' | 'time' | 'password';
  /** What browsers may fill in; for a password, nothing that they know otherwise. */
  readonly autoComplete?: 'current-password';
  /** What can be chosen besides being typed. */
  readonly offered?: readonly string[];
  readonly isNumber?: boolean;
  readonly isRequired?: boolean;
  readonly isReadOnly?: boolean;
  readonly isWrong: boolean;
  /** What is wrong with it. */
  readonly problem?: string | undefined;
  readonly maxLength?: number;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  const { describing, texts } = below(id, props.hint, props.problem);
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[13px] text-soft">
        {props.label}
        {props.isRequired === true ? <span aria-hidden> *</span> : null}
      </label>
      <input
        id={id}
        type={props.kind ?? 'text'}
        value={props.value}
        readOnly={props.isReadOnly ?? false}
        maxLength={props.maxLength ?? 256}
        inputMode={props.isNumber === true ? 'numeric' : 'text'}
        autoComplete={props.autoComplete ?? (props.kind === 'password' ? 'new-password' : 'off')}
        {...(props.offered === undefined ? {} : { list: `${id}-offered` })}
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={props.isWrong}
        aria-required={props.isRequired === true}
        {...describing}
        className={`${fieldLook} ${props.isWrong ? 'border-danger' : ''} read-only:text-faint`}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.offered === undefined ? null : (
        <datalist id={`${id}-offered`}>
          {props.offered.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
      {texts}
    </div>
  );
}

/** Several values, one a line. */
export function Lines(props: {
  readonly label: string;
  readonly value: string;
  readonly isWrong: boolean;
  /** What is wrong with them. */
  readonly problem?: string | undefined;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  const { describing, texts } = below(id, undefined, props.problem);
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[13px] text-soft">
        {props.label}
      </label>
      <textarea
        id={id}
        value={props.value}
        rows={Math.min(6, Math.max(1, props.value.split('\n').length))}
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={props.isWrong}
        {...describing}
        className={`${fieldLook} h-auto min-h-9 py-1.5 ${props.isWrong ? 'border-danger' : ''}`}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {texts}
    </div>
  );
}

export function Choice<Word extends string>(props: {
  readonly label: string;
  readonly words: readonly Word[];
  readonly nameOf: (word: Word) => string;
  readonly value: string;
  readonly isWrong?: boolean;
  readonly onChange: (word: Word) => void;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[13px] text-soft">
        {props.label}
      </label>
      <select
        id={id}
        value={props.value}
        aria-invalid={props.isWrong ?? false}
        className={`${fieldLook} ${props.isWrong === true ? 'border-danger' : ''}`}
        onChange={(event) => {
          const chosen = props.words.find((word) => word === event.target.value);
          if (chosen !== undefined) {
            props.onChange(chosen);
          }
        }}
      >
        {props.words.map((word) => (
          <option key={word} value={word}>
            {props.nameOf(word)}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Check(props: {
  readonly label: string;
  readonly hint: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="sm:col-span-2">
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          checked={props.value}
          aria-describedby={`${id}-hint`}
          className="size-4 accent-accent-deep"
          onChange={(event) => props.onChange(event.target.checked)}
        />
        {props.label}
      </label>
      <p id={`${id}-hint`} className="mt-1 text-xs text-faint">
        {props.hint}
      </p>
    </div>
  );
}

export function Checks(props: {
  readonly label: string;
  readonly words: readonly string[];
  readonly nameOf: (word: string) => string;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}) {
  return (
    <fieldset className="flex flex-wrap gap-x-5 gap-y-2 sm:col-span-2">
      <legend className="mb-1.5 text-[13px] text-soft">{props.label}</legend>
      {props.words.map((word) => (
        <label key={word} className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={props.values.includes(word)}
            className="size-4 accent-accent-deep"
            onChange={(event) => {
              const others = props.values.filter((other) => other !== word);
              props.onChange(event.target.checked ? [...others, word] : others);
            }}
          />
          {props.nameOf(word)}
        </label>
      ))}
    </fieldset>
  );
}
