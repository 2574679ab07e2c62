/** The tools to measure and mark that are not on the bar; the one that is in use is shown in their place. */
import { ChevronDown, PencilRuler } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Hint, Key } from '../app/controls';
import { keyName } from '../tools/keyName';
import { isUsable, tools } from '../tools/registry';
import type { Reading } from './readingState';
import { usePage } from './usePage';
import type { ViewStore } from './viewState';

export function MeasureMenu({ reading, store }: { readonly reading: Reading; readonly store: ViewStore }) {
  const { t } = useTranslation();
  const page = usePage(reading.store);
  const listed = tools.filter((tool) => tool.group === 'measure' && tool.inMenu);
  const isEnabled = useStore(store, (state) => listed.some((tool) => isUsable(tool, state, page)));
  const chosen = listed.find(({ id }) => id === page.toolId);
  const Icon = chosen?.icon ?? PencilRuler;
  return (
    <MenuTrigger>
      <Hint text={t('tools.measureMore')}>
        <Button
          aria-label={t('tools.measureMore')}
          isDisabled={!isEnabled}
          className={`inline-flex h-9 cursor-default items-center gap-1 rounded-md border px-2 disabled:opacity-35 ${
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
        <Menu className="max-h-[70vh] min-w-64 overflow-auto p-1 outline-none" aria-label={t('tools.measureMore')}>
          {listed.map((tool) => (
            <MenuItem
              key={tool.id}
              id={tool.id}
              textValue={t(`tools.${tool.label}`)}
              onAction={() => reading.store.setState({ toolId: tool.id, pointed: undefined })}
              className="flex cursor-default items-center gap-3 rounded px-2.5 py-1.5 text-sm outline-none data-[focused]:bg-hover"
            >
              {tool.icon ? <tool.icon size={17} strokeWidth={1.75} aria-hidden /> : null}
              <span className="min-w-0 flex-1 truncate">{t(`tools.${tool.label}`)}</span>
              {tool.keys.map((key) => (
                <Key key={key}>{keyName(key, t)}</Key>
              ))}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
