/** The list of keys and mouse buttons as the reader has them, and their change. */
import { Link } from '@tanstack/react-router';
import { Settings2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button, IconButton, Key } from '../app/controls';
import { inputName } from '../settings/inputName';
import { KeySettings } from '../settings/KeySettings';
import { dragInputs, plain, wheelInputs } from '../settings/mouse';
import { useBindings } from '../settings/useKeys';
import { useMouse } from '../settings/useMouse';
import { keyName } from '../tools/keyName';
import { annotationActs, type KeyAct, toolActs, windowKeysOf } from '../tools/keyTable';
import { choiceName, windowChoices, windowsShown } from '../tools/presets';
import { dragTool } from '../tools/registry';
import { videoActs, videoKeysOf } from './videoKeys';
import type { ViewStore } from './viewState';
import './helpTexts';

function Row(props: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-4 py-1 text-[13px]">
      <span className="min-w-0 text-soft">{props.name}</span>
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

function KeyRow({ name, keys }: { readonly name: string; readonly keys: readonly string[] }) {
  const { t } = useTranslation();
  return keys.length === 0 ? null : (
    <Row name={name}>
      {keys.map((key) => (
        <Key key={key}>{keyName(key, t)}</Key>
      ))}
    </Row>
  );
}

function Lists({ modality, store }: { readonly modality: string; readonly store: ViewStore }) {
  const { t } = useTranslation();
  const bindings = useBindings();
  const mouse = useMouse();
  const windows = useStore(store, windowsShown);
  const rowOf = ({ id, label }: KeyAct) => <KeyRow key={id} name={t(label)} keys={bindings.get(id) ?? []} />;
  return (
    <div className="grid gap-x-10 gap-y-6 md:grid-cols-3">
      <Column title={t('help.mouse')}>
        <Row name={t('help.inHand')}>
          <Key>{inputName('left', t)}</Key>
        </Row>
        {dragInputs.map((input) => {
          const id = mouse.drags[input];
          return id === undefined || id === plain ? null : (
            <Row key={input} name={t(`tools.${dragTool(id).label}`)}>
              <Key>{inputName(input, t)}</Key>
            </Row>
          );
        })}
        {wheelInputs.map((input) => {
          const act = mouse.wheel[input];
          return act === undefined || act === plain ? null : (
            <Row key={input} name={t(`help.wheelDoes.${act}`)}>
              <Key>{inputName(input, t)}</Key>
            </Row>
          );
        })}
        <Row name={t('help.doubleClick')}>
          <Key>{inputName('doubleClick', t)}</Key>
        </Row>
        <p className="mt-3 text-xs text-faint">{t('help.touch')}</p>
      </Column>
      <Column title={t('help.keys')}>{toolActs.map(rowOf)}</Column>
      <div className="flex flex-col gap-6">
        <Column title={t('help.windows')}>
          {windowChoices(modality, windows, windowKeysOf(bindings)).map((choice) => (
            <KeyRow key={choice.id} name={choiceName(choice, t)} keys={choice.keys} />
          ))}
        </Column>
        <Column title={t('help.annotations')}>{annotationActs.map(rowOf)}</Column>
        <Column title={t('help.video')}>
          {videoActs.map((act) => (
            <KeyRow key={act} name={t(`help.videoDoes.${act}`)} keys={videoKeysOf(bindings, act)} />
          ))}
        </Column>
      </div>
    </div>
  );
}

export function HelpDialog(props: {
  readonly onClose: () => void;
  readonly modality: string;
  /** Of the active viewport. */
  readonly store: ViewStore;
}) {
  const { t } = useTranslation();
  const [isChanging, setChanging] = useState(false);
  return (
    <ModalOverlay
      isOpen
      onOpenChange={props.onClose}
      isDismissable
      className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6"
    >
      <Modal className="flex max-h-full w-full max-w-4xl flex-col overflow-hidden rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog className="flex min-h-0 flex-col outline-none">
          <header className="flex items-center justify-between gap-3 border-b border-line px-6 py-4">
            <Heading slot="title" className="text-lg font-semibold">
              {t('help.title')}
            </Heading>
            <div className="flex gap-2">
              <Button onPress={() => setChanging(!isChanging)}>
                {isChanging ? null : <Settings2 size={16} aria-hidden />}
                {t(isChanging ? 'help.change.back' : 'help.change.open')}
              </Button>
              <IconButton icon={X} label={t('common.close')} onPress={props.onClose} />
            </div>
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is longer than the screen is scrolled by keys */}
          <div tabIndex={0} className="min-h-0 overflow-auto p-6">
            {isChanging ? <KeySettings /> : <Lists modality={props.modality} store={props.store} />}
            <p className="mt-6 border-t border-line pt-4 text-[13px]">
              <Link to="/about" className="text-accent hover:underline">
                {t('app.about')}
              </Link>
            </p>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
