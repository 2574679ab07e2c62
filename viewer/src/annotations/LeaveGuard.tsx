/** Asks before the page of a study is left with annotations that are not saved. */
import { useBlocker } from '@tanstack/react-router';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useMay } from '../app/session';
import { isChanged } from './desk';
import type { AnnotationTable } from './table';
import { useSave } from './useSave';

export function LeaveGuard(props: { readonly table: AnnotationTable; readonly hasChanged: boolean }) {
  const { t } = useTranslation();
  const { table } = props;
  // Who may not save is not asked to.
  const mayAnnotate = useMay('annotate');
  const hasChanged = props.hasChanged && mayAnnotate;
  const save = useSave(table);
  const blocker = useBlocker({
    // Another series in the address is the same page.
    shouldBlockFn: ({ current, next }) => hasChanged && current.pathname !== next.pathname,
    enableBeforeUnload: () => hasChanged,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') {
    return null;
  }
  const saveAndGo = async () => {
    await save();
    if (isChanged(table.desk.store.getState())) {
      blocker.reset();
    } else {
      blocker.proceed();
    }
  };
  return (
    <ModalOverlay isOpen className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6">
      <Modal className="w-full max-w-md rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog role="alertdialog" className="flex flex-col gap-4 p-6 outline-none">
          <Heading slot="title" className="text-lg font-semibold">
            {t('annotations.unsaved')}
          </Heading>
          <p className="text-sm text-soft">{t('annotations.unsavedText')}</p>
          <div className="flex flex-wrap justify-end gap-2">
            <Button onPress={blocker.reset}>{t('annotations.stay')}</Button>
            <Button onPress={blocker.proceed}>{t('annotations.leave')}</Button>
            <Button look="primary" onPress={() => void saveAndGo()}>
              {t('annotations.saveAndLeave')}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
