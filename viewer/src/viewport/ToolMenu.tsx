/** Tools that are not on the bar, in a menu; a dragging tool of it that is in use is shown in the menu's place. */
import { Check, ChevronDown, type LucideIcon } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { Hint, Key } from '../app/controls';
import { useBindings } from '../settings/useKeys';
import { keyName } from '../tools/keyName';
import { isUsable, takeUp } from '../tools/registry';
import type { Tool, ToolContext } from '../tools/types';
import type { Reading } from './readingState';
import { usePage } from './usePage';
import type { ViewStore } from './viewState';

export function ToolMenu(props: {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly tools: readonly Tool[];
  readonly reading: Reading;
  readonly store: ViewStore;
  readonly context: () => ToolContext | undefined;
}) {
  const { t } = useTranslation();
  const { label, tools, store } = props;
  const bindings = useBindings();
  const page = usePage(props.reading.store);
  const unusable = useStore(
    store,
    useShallow((state) => tools.filter((tool) => !isUsable(tool, state, page)).map(({ id }) => id)),
  );
  const switchedOn = useStore(
    store,
    useShallow((state) => tools.filter((tool) => tool.kind === 'act' && tool.isOn?.(state, page)).map(({ id }) => id)),
  );
  const obstacles = useStore(
    store,
    useShallow((state) => tools.map((tool) => tool.obstacle?.(state, page))),
  );
  const chosen = tools.find(({ id }) => id === page.toolId);
  const Icon = chosen?.icon ?? props.icon;
  return (
    <MenuTrigger>
      <Hint text={label}>
        <Button
          aria-label={label}
          isDisabled={unusable.length === tools.length}
          className={`inline-flex h-9 pointer-coarse:h-11 shrink-0 cursor-default items-center gap-1 rounded-md border px-2 disabled:opacity-35 ${
            chosen
              ? 'border-accent-deep bg-accent-deep/45 text-ink'
              : 'border-transparent text-soft hover:bg-hover hover:text-ink'
          }`}
        >
          <Icon size={18} strokeWidth={1.75} aria-hidden />
          <ChevronDown size={13} aria-hidden />
        </Button>
      </Hint>
      <Popover className="rounded-md border border-strong bg-raised shadow-xl shadow-black/60">
        <Menu
          className="max-h-[70vh] max-w-96 min-w-64 overflow-auto p-1 outline-none"
          aria-label={label}
          disabledKeys={unusable}
        >
          {tools.map((tool, at) => (
            <MenuItem
              key={tool.id}
              id={tool.id}
              textValue={t(`tools.${tool.label}`)}
              onAction={() => {
                const present = props.context();
                if (present) {
                  takeUp(tool, present);
                }
              }}
              className="flex cursor-default items-center gap-3 rounded px-2.5 py-1.5 text-sm outline-none pointer-coarse:min-h-11 data-[disabled]:opacity-45 data-[focused]:bg-hover"
            >
              {tool.icon ? <tool.icon size={17} strokeWidth={1.75} aria-hidden className="shrink-0" /> : null}
              <span className="min-w-0 flex-1">
                {t(`tools.${tool.label}`)}
                {obstacles[at] === undefined ? null : (
                  <span className="block text-xs text-soft">{t(`tools.obstacles.${obstacles[at]}`)}</span>
                )}
              </span>
              {switchedOn.includes(tool.id) ? (
                <Check size={15} aria-label={t('tools.on')} className="text-accent" />
              ) : null}
              {(bindings.get(tool.id) ?? []).map((key) => (
                <Key key={key}>{keyName(key, t)}</Key>
              ))}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
