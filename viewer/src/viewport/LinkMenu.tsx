/** In what linked viewports go together. */
import { Check, ChevronDown } from 'lucide-react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Hint } from '../app/controls';
import { linkKinds } from './links';
import type { Reading } from './readingState';

export function LinkMenu({ reading }: { readonly reading: Reading }) {
  const { t } = useTranslation();
  const links = useStore(reading.store, (state) => state.links);
  const { kinds } = links;
  return (
    <MenuTrigger>
      <Hint text={t('layout.linkWhat')}>
        <AriaButton
          aria-label={t('layout.linkWhat')}
          className="inline-flex h-9 pointer-coarse:h-11 cursor-default items-center rounded-md px-0.5 text-soft hover:bg-hover hover:text-ink"
        >
          <ChevronDown size={13} aria-hidden />
        </AriaButton>
      </Hint>
      <Popover className="rounded-md border border-strong bg-raised shadow-xl shadow-black/60">
        <Menu
          aria-label={t('layout.linkWhat')}
          className="min-w-52 p-1 outline-none"
          selectionMode="multiple"
          selectedKeys={kinds}
          onSelectionChange={(selected) => {
            const chosen = selected === 'all' ? linkKinds : linkKinds.filter((kind) => selected.has(kind));
            reading.store.setState({ links: { ...links, isOn: chosen.length > 0, kinds: chosen } });
          }}
        >
          {linkKinds.map((kind) => (
            <MenuItem
              key={kind}
              id={kind}
              textValue={t(`layout.link.${kind}`)}
              className="flex cursor-default items-center gap-3 rounded px-2.5 py-1.5 text-sm outline-none pointer-coarse:min-h-11 data-[focused]:bg-hover"
            >
              <Check size={15} aria-hidden className={kinds.includes(kind) ? 'text-accent' : 'invisible'} />
              {t(`layout.link.${kind}`)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
