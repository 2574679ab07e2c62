/** Buttons and fields in the one look of the app, over react-aria-components for keyboard and screen readers. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  TextField as AriaTextField,
  Focusable,
  Input,
  Label,
  Tooltip,
  TooltipTrigger,
} from 'react-aria-components';

const buttonLook =
  'inline-flex items-center justify-center gap-2 rounded-md border px-3 h-9 pointer-coarse:h-11 text-sm font-medium cursor-default select-none whitespace-nowrap transition-colors disabled:opacity-45 data-[pending]:opacity-45';

const looks = {
  primary: 'bg-accent-deep border-accent-deep text-white hover:bg-sky-800',
  plain: 'bg-raised border-line text-ink hover:bg-hover',
  quiet: 'bg-transparent border-transparent text-soft hover:bg-hover hover:text-ink',
} as const;

/** A button with words. */
export function Button(props: {
  readonly children: ReactNode;
  readonly look?: keyof typeof looks;
  readonly type?: 'button' | 'submit';
  readonly isDisabled?: boolean;
  /** What it began is under way: it does nothing, but keeps the focus, without which keys such as Escape go nowhere. */
  readonly isBusy?: boolean;
  readonly label?: string;
  readonly onPress?: () => void;
}) {
  return (
    <AriaButton
      type={props.type ?? 'button'}
      isDisabled={props.isDisabled ?? false}
      isPending={props.isBusy ?? false}
      {...(props.label === undefined ? {} : { 'aria-label': props.label })}
      {...(props.onPress ? { onPress: props.onPress } : {})}
      className={`${buttonLook} ${looks[props.look ?? 'plain']}`}
    >
      {props.children}
    </AriaButton>
  );
}

/** One choice out of a few, shown as a button that stays down. */
export function Chip(props: {
  readonly children: ReactNode;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={props.isSelected}
      onClick={props.onSelect}
      className="h-8 pointer-coarse:h-11 shrink-0 cursor-default select-none whitespace-nowrap rounded-md border border-line bg-raised px-2.5 text-[13px] text-soft transition-colors hover:bg-hover hover:text-ink aria-pressed:border-accent-deep aria-pressed:bg-accent-deep/35 aria-pressed:text-ink"
    >
      {props.children}
    </button>
  );
}

/** The note that appears beside a button. */
export function Hint(props: {
  readonly children: ReactNode;
  readonly text: string;
  readonly shortcut?: string | undefined;
}) {
  return (
    <TooltipTrigger delay={500} closeDelay={50}>
      {props.children}
      <Tooltip
        offset={6}
        className="z-50 flex items-center gap-2 rounded-md border border-strong bg-raised px-2 py-1 text-xs text-ink shadow-lg shadow-black/50"
      >
        {props.text}
        {props.shortcut === undefined ? null : <Key>{props.shortcut}</Key>}
      </Tooltip>
    </TooltipTrigger>
  );
}

/** The name of a key. */
export function Key({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-strong bg-canvas px-1.5 font-sans text-[11px] text-soft">
      {children}
    </kbd>
  );
}

/** A square button with a picture; its name is read aloud and shown as a hint. */
export function IconButton(props: {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly isOn?: boolean;
  readonly isDisabled?: boolean;
  /** Why it is disabled. */
  readonly reason?: string;
  readonly onPress: () => void;
}) {
  const Icon = props.icon;
  const label = props.reason === undefined ? props.label : `${props.label}: ${props.reason}`;
  const button = (
    <Hint text={props.label} shortcut={props.shortcut}>
      <AriaButton
        aria-label={label}
        {...(props.isOn === undefined ? {} : { 'aria-pressed': props.isOn })}
        isDisabled={props.isDisabled ?? false}
        onPress={(event) => {
          props.onPress();
          if (event.pointerType !== 'keyboard' && event.target instanceof HTMLElement) {
            // The next key is meant for the page, not for the button that was just clicked.
            event.target.blur();
          }
        }}
        className={`inline-flex size-9 pointer-coarse:size-11 shrink-0 cursor-default items-center justify-center rounded-md border transition-colors disabled:opacity-35 ${
          props.isOn === true
            ? 'border-accent-deep bg-accent-deep/45 text-ink'
            : 'border-transparent text-soft hover:bg-hover hover:text-ink'
        }`}
      >
        <Icon size={18} strokeWidth={1.75} aria-hidden />
      </AriaButton>
    </Hint>
  );
  // A disabled button has no hint of ours: it takes no pointer and no focus.
  return props.reason === undefined ? button : <span title={label}>{button}</span>;
}

/** Text that explains itself when hovered or focused. */
export function Explained(props: { readonly children: ReactNode; readonly text: string }) {
  return (
    <Hint text={props.text}>
      <Focusable>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the hint must be reachable by keyboard */}
        <span tabIndex={0} role="note">
          {props.children}
        </span>
      </Focusable>
    </Hint>
  );
}

export const fieldLook =
  'h-9 pointer-coarse:h-11 w-full rounded-md border border-line bg-canvas px-3 text-sm text-ink outline-none placeholder:text-faint focus:border-accent';

/** A labelled line of text. */
export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'password';
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly isInvalid?: boolean;
}) {
  return (
    <AriaTextField
      value={props.value}
      onChange={props.onChange}
      type={props.type ?? 'text'}
      isInvalid={props.isInvalid ?? false}
      isRequired
      autoFocus={props.autoFocus ?? false}
      {...(props.autoComplete === undefined ? {} : { autoComplete: props.autoComplete })}
      className="flex flex-col gap-1.5"
    >
      <Label className="text-[13px] text-soft">{props.label}</Label>
      <Input className={`${fieldLook} h-10`} autoCapitalize="none" spellCheck={false} />
    </AriaTextField>
  );
}
