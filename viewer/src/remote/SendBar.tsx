/** What can be done with the studies that are chosen in the list: they are sent to a machine. For administrators. */
import { Send, X } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton, Key } from '../app/controls';
import type { Study } from '../dicomweb/studies';
import { sendKey } from '../studyList/marking';
import './texts';

const SendDialog = lazy(() => import('./SendDialog').then(({ SendDialog: component }) => ({ default: component })));

export function SendBar(props: {
  readonly studies: readonly Study[];
  readonly isSending: boolean;
  readonly onSend: (isSending: boolean) => void;
  readonly onClear: () => void;
}) {
  const { t } = useTranslation();
  const { studies, isSending, onSend } = props;
  return (
    <section
      aria-label={t('remote.send.chosenTitle')}
      className="absolute bottom-11 left-1/2 z-20 flex -translate-x-1/2 items-center gap-3 rounded-lg border border-strong bg-panel py-2 pr-2 pl-4 shadow-xl shadow-black/60"
    >
      <span role="status" className="text-sm whitespace-nowrap">
        {t('remote.send.chosen', { count: studies.length })}
      </span>
      <Button look="primary" label={t('remote.send.open')} onPress={() => onSend(true)}>
        <Send size={16} aria-hidden />
        {t('remote.send.open')}
        <Key>{sendKey.toUpperCase()}</Key>
      </Button>
      <IconButton icon={X} label={t('remote.send.clear')} shortcut="Esc" onPress={props.onClear} />
      <Suspense>{isSending ? <SendDialog studies={studies} onClose={() => onSend(false)} /> : null}</Suspense>
    </section>
  );
}
