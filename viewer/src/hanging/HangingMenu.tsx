/** How the study is hung: the protocols that mean it, leafing through their stages, and the reader's own ones. */
import { Check, ChevronDown, ChevronLeft, ChevronRight, GalleryHorizontalEnd } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Hint, IconButton } from '../app/controls';
import { useBindings } from '../settings/useKeys';
import { settingOf, useChangeSetting, useSettings } from '../settings/useSettings';
import { keyName } from '../tools/keyName';
import type { Reading } from '../viewport/readingState';
import { hangBy, stagesOf, stepStage } from './hanging';
import type { Protocol } from './protocol';
import { hangingSetting, hangingSettingSchema } from './useHanging';

const OwnProtocolDialog = lazy(() =>
  import('./OwnProtocolDialog').then((dialog) => ({ default: dialog.OwnProtocolDialog })),
);

const itemLook =
  'flex cursor-default items-center gap-3 rounded px-2.5 py-1.5 text-sm outline-none pointer-coarse:min-h-11 data-[focused]:bg-hover data-[disabled]:opacity-45';

export function HangingMenu({ reading }: { readonly reading: Reading }) {
  const { t } = useTranslation();
  const hanging = useStore(reading.store, (state) => state.hanging);
  const settings = useSettings();
  const bindings = useBindings();
  const keyOfAct = (id: string) => {
    const key = bindings.get(id)?.[0];
    return key === undefined ? undefined : keyName(key, t);
  };
  const changeSetting = useChangeSetting();
  const [dialog, setDialog] = useState<'save' | 'manage'>();
  const { automatic } = settingOf(settings.data, hangingSetting, hangingSettingSchema, { automatic: true });
  const { chosen } = hanging;
  const count = chosen ? stagesOf(hanging, chosen.protocol).length : 0;
  const nameOf = ({ id, name }: Protocol) => name ?? t(`hanging.protocols.${id}`);
  const usable = hanging.protocols.filter((protocol) => stagesOf(hanging, protocol).length > 0);
  return (
    <>
      <MenuTrigger>
        <Hint text={t('hanging.menu')}>
          <AriaButton
            aria-label={t('hanging.menu')}
            className="inline-flex h-9 pointer-coarse:h-11 shrink-0 cursor-default items-center gap-1 rounded-md px-2 text-soft hover:bg-hover hover:text-ink"
          >
            <GalleryHorizontalEnd size={18} strokeWidth={1.75} aria-hidden />
            <ChevronDown size={13} aria-hidden />
          </AriaButton>
        </Hint>
        <Popover className="rounded-md border border-strong bg-raised shadow-xl shadow-black/60">
          <Menu
            aria-label={t('hanging.menu')}
            className="max-h-[70vh] max-w-96 min-w-64 overflow-auto p-1 outline-none"
          >
            {usable.map((protocol) => (
              <MenuItem
                key={protocol.id}
                id={protocol.id}
                textValue={nameOf(protocol)}
                onAction={() => hangBy(reading, protocol)}
                className={itemLook}
              >
                <Check
                  size={15}
                  aria-hidden
                  className={chosen?.protocol.id === protocol.id ? 'text-accent' : 'invisible'}
                />
                <span className="min-w-0 flex-1 truncate">{nameOf(protocol)}</span>
                {protocol.name === undefined ? null : <span className="text-xs text-faint">{t('hanging.own')}</span>}
              </MenuItem>
            ))}
            {usable.length === 0 ? (
              <MenuItem id="none" isDisabled textValue={t('hanging.nothingFits')} className={itemLook}>
                {t('hanging.nothingFits')}
              </MenuItem>
            ) : null}
            <Separator className="my-1 h-px bg-line" />
            <MenuItem
              id="automatic"
              textValue={t('hanging.automatic')}
              onAction={() => changeSetting.mutate({ name: hangingSetting, value: { automatic: !automatic } })}
              className={itemLook}
            >
              <Check size={15} aria-hidden className={automatic ? 'text-accent' : 'invisible'} />
              {t('hanging.automatic')}
            </MenuItem>
            <MenuItem id="save" textValue={t('hanging.save')} onAction={() => setDialog('save')} className={itemLook}>
              <span className="w-[15px]" />
              {t('hanging.save')}
            </MenuItem>
            <MenuItem
              id="manage"
              textValue={t('hanging.manage')}
              onAction={() => setDialog('manage')}
              className={itemLook}
            >
              <span className="w-[15px]" />
              {t('hanging.manage')}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {chosen && count > 1 ? (
        <div className="flex shrink-0 items-center">
          <IconButton
            icon={ChevronLeft}
            label={t('hanging.previous')}
            shortcut={keyOfAct('previousStage')}
            isDisabled={chosen.stage === 0}
            onPress={() => stepStage(reading, -1)}
          />
          <span
            role="status"
            data-testid="stage"
            aria-label={t('hanging.stageNow', { stage: chosen.stage + 1, count, name: nameOf(chosen.protocol) })}
            className="text-xs whitespace-nowrap text-soft tabular-nums"
          >
            {t('hanging.stage', { stage: chosen.stage + 1, count })}
          </span>
          <IconButton
            icon={ChevronRight}
            label={t('hanging.next')}
            shortcut={keyOfAct('nextStage')}
            isDisabled={chosen.stage >= count - 1}
            onPress={() => stepStage(reading, 1)}
          />
        </div>
      ) : null}
      {dialog === undefined ? null : (
        <Suspense>
          <OwnProtocolDialog reading={reading} kind={dialog} onClose={() => setDialog(undefined)} />
        </Suspense>
      )}
    </>
  );
}
