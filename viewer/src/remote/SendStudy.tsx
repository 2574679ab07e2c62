/** The button that sends a study to a machine, for who may; its dialog comes when it is asked for. */
import { Send } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../app/controls';
import { useMay } from '../app/session';
import type { Study } from '../dicomweb/studies';
import './texts';

const SendDialog = lazy(() => import('./SendDialog').then(({ SendDialog: component }) => ({ default: component })));

export function SendStudy({ study }: { readonly study: Study }) {
  const { t } = useTranslation();
  const maySend = useMay('manage_peers');
  const [isOpen, setOpen] = useState(false);
  if (!maySend) {
    return null;
  }
  return (
    <>
      <IconButton icon={Send} label={t('remote.send.title')} onPress={() => setOpen(true)} />
      <Suspense>{isOpen ? <SendDialog studies={[study]} onClose={() => setOpen(false)} /> : null}</Suspense>
    </>
  );
}
