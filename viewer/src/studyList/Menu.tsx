/** A button with something to choose below it. */
import type { ReactNode } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';

const chipLook =
  'inline-flex h-8 shrink-0 cursor-default items-center gap-1.5 rounded-md border border-line bg-raised px-2.5 text-[13px] text-soft hover:bg-hover hover:text-ink';

export function Menu(props: { readonly label: ReactNode; readonly name: string; readonly children: ReactNode }) {
  return (
    <DialogTrigger>
      <AriaButton className={chipLook}>{props.label}</AriaButton>
      <Popover className="rounded-lg border border-strong bg-raised p-3 shadow-xl shadow-black/50">
        <Dialog aria-label={props.name} className="outline-none">
          {props.children}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
