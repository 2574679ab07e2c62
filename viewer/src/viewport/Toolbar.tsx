/** The tools as buttons, read from the registry; those for which the bar has no room are in a menu at its end. */
import { ChevronDown, Ellipsis, Pause, PencilRuler, SlidersHorizontal, Wrench } from 'lucide-react';
import { Fragment, lazy, Suspense, useRef, useState } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { Hint, IconButton, Key } from '../app/controls';
import { HangingMenu } from '../hanging/HangingMenu';
import { useBindings } from '../settings/useKeys';
import { useIsPhone } from '../studyList/useIsPhone';
import { keyName } from '../tools/keyName';
import { windowKeysOf } from '../tools/keyTable';
import { choiceName, windowChoices, windowsShown } from '../tools/presets';
import { isOffered, isUsable, takeUp, tools } from '../tools/registry';
import type { Tool, ToolContext, ToolGroup } from '../tools/types';
import { LayoutPicker } from './LayoutPicker';
import { LinkMenu } from './LinkMenu';
import { RateSlider } from './RateSlider';
import type { Reading } from './readingState';
import { ToolMenu } from './ToolMenu';
import { yielding } from './toolbarRoom';
import { usePage } from './usePage';
import { mayLeave, standsIn, useRoom } from './useRoom';
import type { ViewStore } from './viewState';

export const toolGroups: readonly ToolGroup[] = [
  'drag',
  'measure',
  'window',
  'geometry',
  'play',
  'layout',
  'show',
  'out',
];

/** What stays on the bar of a phone beside its windows; the others are in its sheet. */
const onPhone: readonly string[] = ['reset', 'invert', 'cine', 'print'];

const ToolSheet = lazy(() => import('./ToolSheet').then(({ ToolSheet: component }) => ({ default: component })));

export interface ToolbarProps {
  readonly reading: Reading;
  /** Of the active viewport. */
  readonly store: ViewStore;
  readonly context: () => ToolContext | undefined;
  readonly modality: string;
}

function ToolButton({ tool, reading, store, context }: Omit<ToolbarProps, 'modality'> & { readonly tool: Tool }) {
  const { t } = useTranslation();
  const bindings = useBindings();
  const page = usePage(reading.store);
  const { isOn, isEnabled, obstacle, isPlaying } = useStore(
    store,
    useShallow((state) => ({
      isOn: tool.kind === 'drag' ? page.toolId === tool.id : tool.isOn?.(state, page),
      isEnabled: isUsable(tool, state, page),
      obstacle: tool.obstacle?.(state, page),
      isPlaying: state.playing,
    })),
  );
  if (!tool.icon) {
    return null;
  }
  const showsPause = tool.id === 'cine' && isPlaying;
  const key = bindings.get(tool.id)?.[0];
  return (
    <IconButton
      icon={showsPause ? Pause : tool.icon}
      label={t(showsPause ? 'tools.pause' : `tools.${tool.label}`)}
      shortcut={key === undefined ? undefined : keyName(key, t)}
      {...(isOn === undefined ? {} : { isOn })}
      isDisabled={!isEnabled}
      {...(obstacle === undefined ? {} : { reason: t(`tools.obstacles.${obstacle}`) })}
      onPress={() => {
        const present = context();
        if (present) {
          takeUp(tool, present);
        }
      }}
    />
  );
}

function WindowMenu({ store, context, modality }: Pick<ToolbarProps, 'store' | 'context' | 'modality'>) {
  const { t } = useTranslation();
  const bindings = useBindings();
  const windows = useStore(store, windowsShown);
  return (
    <MenuTrigger>
      <Hint text={t('tools.presets')}>
        <AriaButton
          aria-label={t('tools.presets')}
          className="inline-flex h-9 pointer-coarse:h-11 cursor-default items-center gap-1 rounded-md px-2 text-soft hover:bg-hover hover:text-ink"
        >
          <SlidersHorizontal size={18} strokeWidth={1.75} aria-hidden />
          <ChevronDown size={13} aria-hidden />
        </AriaButton>
      </Hint>
      <Popover className="rounded-md border border-strong bg-raised shadow-xl shadow-black/60">
        <Menu className="max-h-[70vh] max-w-96 min-w-64 overflow-auto p-1 outline-none" aria-label={t('tools.presets')}>
          {windowChoices(modality, windows, windowKeysOf(bindings)).map((choice) => (
            <MenuItem
              key={choice.id}
              id={choice.id}
              textValue={choiceName(choice, t)}
              onAction={() => {
                const present = context();
                if (present) {
                  choice.run(present);
                }
              }}
              className="flex cursor-default items-center gap-4 rounded px-2.5 py-1.5 text-sm outline-none pointer-coarse:min-h-11 data-[focused]:bg-hover"
            >
              <span className="min-w-0 flex-1 truncate">{choiceName(choice, t)}</span>
              <span className="text-xs whitespace-nowrap text-faint tabular-nums">{choice.values}</span>
              <span className="flex w-14 justify-end gap-1">
                {choice.keys.map((key) => (
                  <Key key={key}>{keyName(key, t)}</Key>
                ))}
              </span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

export function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation();
  const barRef = useRef<HTMLDivElement>(null);
  const page = usePage(props.reading.store);
  // Planes of a volume have a layout of their own, and do not play.
  const isStacks = page.volume === undefined;
  const offered = tools.filter((tool) => isOffered(tool, page) && toolGroups.includes(tool.group));
  const onBar = offered.filter((tool) => !tool.inMenu);
  const left = yielding(onBar, useRoom(barRef, onBar.length));
  const { reading, store, context } = props;
  const isLinkLeft = onBar.some((tool) => tool.id === 'link' && left.has(tool));
  const linkMenu = <LinkMenu reading={reading} />;
  const isPhone = useIsPhone();
  const [isSheetOpen, setSheetOpen] = useState(false);
  if (isPhone) {
    return (
      <div
        role="toolbar"
        aria-label={t('viewer.tools')}
        className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-panel px-2"
      >
        {onBar
          .filter(({ id }) => onPhone.includes(id))
          .map((tool) => (
            <ToolButton key={tool.id} tool={tool} reading={reading} store={store} context={context} />
          ))}
        <WindowMenu store={store} context={context} modality={props.modality} />
        <div className="ml-auto">
          <IconButton icon={Wrench} label={t('tools.all')} onPress={() => setSheetOpen(true)} />
        </div>
        {isSheetOpen ? (
          <Suspense>
            <ToolSheet {...props} onClose={() => setSheetOpen(false)} />
          </Suspense>
        ) : null}
      </div>
    );
  }
  return (
    <div
      ref={barRef}
      role="toolbar"
      aria-label={t('viewer.tools')}
      className="flex h-12 shrink-0 items-center gap-0.5 overflow-hidden border-b border-line bg-panel px-3 *:shrink-0"
    >
      {toolGroups.map((group, index) => (
        <Fragment key={group}>
          {index > 0 ? (
            <div aria-hidden className="flex w-3.5 shrink-0 justify-center">
              <div className="h-5 w-px bg-line" />
            </div>
          ) : null}
          {group === 'layout' && isStacks ? (
            <>
              <LayoutPicker reading={reading} />
              <div className="flex">
                <HangingMenu reading={reading} />
              </div>
            </>
          ) : null}
          {onBar
            .filter((tool) => tool.group === group && !left.has(tool))
            .map((tool) => (
              <Fragment key={tool.id}>
                <div {...mayLeave}>
                  <ToolButton tool={tool} reading={reading} store={store} context={context} />
                </div>
                {tool.id === 'link' ? linkMenu : null}
              </Fragment>
            ))}
          {group === 'layout' && isStacks && isLinkLeft ? linkMenu : null}
          {group === 'measure' && isStacks ? (
            <ToolMenu
              label={t('tools.measureMore')}
              icon={PencilRuler}
              tools={offered.filter((tool) => tool.inMenu)}
              reading={reading}
              store={store}
              context={context}
            />
          ) : null}
          {group === 'window' ? <WindowMenu store={store} context={context} modality={props.modality} /> : null}
          {group === 'play' && isStacks ? (
            <div>
              <RateSlider store={store} context={context} />
            </div>
          ) : null}
        </Fragment>
      ))}
      {left.size > 0 ? (
        <div {...standsIn} className="ml-auto">
          <ToolMenu
            label={t('tools.more')}
            icon={Ellipsis}
            tools={onBar.filter((tool) => left.has(tool))}
            reading={reading}
            store={store}
            context={context}
          />
        </div>
      ) : null}
    </div>
  );
}
