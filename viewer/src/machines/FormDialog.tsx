/** The frame of a form over a page: the dialog, groups of fields, and the end, which says what is wrong. */
import { X } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { RequestError } from '../server/request';

export function FormDialog(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}
      className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6"
    >
      <Modal className="max-h-full w-full max-w-3xl overflow-auto rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog className="p-6 outline-none">
          <header className="mb-4 flex items-center justify-between">
            <Heading slot="title" className="text-lg font-semibold">
              {props.title}
            </Heading>
            <IconButton icon={X} label={t('common.close')} onPress={props.onClose} />
          </header>
          {props.children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

export function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
      <legend className="mb-2 text-sm font-semibold">{title}</legend>
      {children}
    </fieldset>
  );
}

/** The form in which who types goes on where something is wrong. */
export function useFormRef(wrong: string | undefined): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (wrong !== undefined) {
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  }, [wrong]);
  return form;
}

/** What to say of a refused request: the server's own words where they are about what was typed. */
export function useRefusalText(): (error: unknown) => string {
  const { t } = useTranslation();
  const failureText = useFailureText();
  return (error) =>
    error instanceof RequestError && error.status === 400
      ? t('machines.form.refused', { words: error.message })
      : failureText(error);
}

/** `children` are further acts. */
export function FormEnd(props: {
  readonly problem: string | undefined;
  readonly submit: string;
  readonly isBusy: boolean;
  readonly children?: ReactNode;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      {props.problem === undefined ? null : (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
          {props.problem}
        </p>
      )}
      <footer className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isBusy={props.isBusy}>
          {props.submit}
        </Button>
        {props.children}
        <Button look="quiet" onPress={props.onClose}>
          {t('common.close')}
        </Button>
      </footer>
    </>
  );
}
