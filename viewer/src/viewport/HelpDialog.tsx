/** The list of keys and mouse buttons, made from the registry. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Chip, IconButton, Key } from '../app/controls';
import { leftDrags, mouseSetting, useLeftDrag } from '../settings/useLeftDrag';
import { useChangeSetting } from '../settings/useSettings';
import { keyName } from '../tools/keyName';
import { choiceName, windowChoices, windowsShown } from '../tools/presets';
import { tools } from '../tools/registry';
import { videoActs, videoKeys } from './videoKeys';
import type { ViewStore } from './viewState';

function Row(props: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-4 py-1 text-[13px]">
      <span className="min-w-0 truncate text-soft">{props.name}</span>
      <span className="flex shrink-0 gap-1">{props.children}</span>
    </div>
  );
}

function Column(props: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-semibold tracking-wide text-faint uppercase">{props.title}</h3>
      {props.children}
    </section>
  );
}

const mouse = ['left', 'right', 'middle', 'wheel', 'ctrlWheel', 'shiftWheel', 'doubleClick'] as const;

/** The one choice that everybody asks for. */
function LeftDrag() {
  const { t } = useTranslation();
  const leftDrag = useLeftDrag();
  const changeSetting = useChangeSetting();
  return (
    <fieldset className="mt-3 flex flex-wrap items-center gap-1.5">
      <legend className="mb-1 text-[13px] text-soft">{t('help.leftDrag')}</legend>
      {leftDrags.map((tool) => (
        <Chip
          key={tool}
          isSelected={tool === leftDrag}
          onSelect={() => changeSetting.mutate({ name: mouseSetting, value: { leftDrag: tool } })}
        >
          {t(`tools.${tool}`)}
        </Chip>
      ))}
    </fieldset>
  );
}

export function HelpDialog(props: {
  readonly onClose: () => void;
  readonly modality: string;
  /** Of the active viewport. */
  readonly store: ViewStore;
}) {
  const { t } = useTranslation();
  const windows = useStore(props.store, windowsShown);
  const withKeys = tools.filter((tool) => tool.keys.length > 0);
  const choices = windowChoices(props.modality, windows).filter(({ keys }) => keys.length > 0);
  return (
    <ModalOverlay
      isOpen
      onOpenChange={props.onClose}
      isDismissable
      className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6"
    >
      <Modal className="max-h-full w-full max-w-4xl overflow-auto rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog className="p-6 outline-none">
          <header className="mb-4 flex items-center justify-between">
            <Heading slot="title" className="text-lg font-semibold">
              {t('help.title')}
            </Heading>
            <IconButton icon={X} label={t('common.close')} onPress={props.onClose} />
          </header>
          <div className="grid gap-x-10 gap-y-6 md:grid-cols-3">
            <Column title={t('help.mouse')}>
              {mouse.map((input) => (
                <Row key={input} name={t(`help.mouseDoes.${input}`)}>
                  <Key>{t(`help.mouseInput.${input}`)}</Key>
                </Row>
              ))}
              <LeftDrag />
              <p className="mt-3 text-xs text-faint">{t('help.touch')}</p>
            </Column>
            <Column title={t('help.keys')}>
              {withKeys.map((tool) => (
                <Row key={tool.id} name={t(`tools.${tool.label}`)}>
                  {tool.keys.map((key) => (
                    <Key key={key}>{keyName(key, t)}</Key>
                  ))}
                </Row>
              ))}
            </Column>
            <div className="flex flex-col gap-6">
              <Column title={t('help.windows')}>
                {choices.map((choice) => (
                  <Row key={choice.id} name={choiceName(choice, t)}>
                    {choice.keys.map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </Row>
                ))}
              </Column>
              <Column title={t('help.video')}>
                {videoActs.map((act) => (
                  <Row key={act} name={t(`help.videoDoes.${act}`)}>
                    {videoKeys[act].map((key) => (
                      <Key key={key}>{keyName(key, t)}</Key>
                    ))}
                  </Row>
                ))}
              </Column>
            </div>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
