/** All tools on a phone, in a sheet from below, each with its name. */
import { X } from 'lucide-react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { IconButton } from '../app/controls';
import { HangingMenu } from '../hanging/HangingMenu';
import { isOffered, isUsable, takeUp, tools } from '../tools/registry';
import { LayoutPicker } from './LayoutPicker';
import { LinkMenu } from './LinkMenu';
import { RateSlider } from './RateSlider';
import { type ToolbarProps, toolGroups } from './Toolbar';
import { usePage } from './usePage';

export function ToolSheet(props: ToolbarProps & { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { reading, store, context, onClose } = props;
  const page = usePage(reading.store);
  const usable = useStore(
    store,
    useShallow((state) => tools.filter((tool) => isUsable(tool, state, page))),
  );
  const on = useStore(
    store,
    useShallow((state) =>
      tools.filter((tool) => (tool.kind === 'drag' ? tool.id === page.toolId : tool.isOn?.(state, page) === true)),
    ),
  );
  const offered = tools.filter((tool) => tool.icon && toolGroups.includes(tool.group) && isOffered(tool, page));
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={onClose}
      className="fixed inset-0 z-50 flex items-end justify-center bg-black/65"
    >
      <Modal className="flex max-h-[80%] w-full max-w-xl flex-col rounded-t-xl border border-strong bg-panel">
        <Dialog className="flex min-h-0 flex-col outline-none">
          <header className="flex items-center gap-2 px-4 py-2">
            <Heading slot="title" className="flex-1 font-semibold">
              {t('viewer.tools')}
            </Heading>
            {page.volume ? null : (
              <>
                <LayoutPicker reading={reading} />
                <HangingMenu reading={reading} />
                <LinkMenu reading={reading} />
              </>
            )}
            <IconButton icon={X} label={t('common.close')} onPress={onClose} />
          </header>
          <div className="grid min-h-0 grid-cols-2 gap-1 overflow-auto p-2">
            {page.volume ? null : <RateSlider store={store} context={context} />}
            {offered.map((tool) => (
              <Button
                key={tool.id}
                aria-pressed={on.includes(tool)}
                isDisabled={!usable.includes(tool)}
                onPress={() => {
                  const present = context();
                  onClose();
                  if (present) {
                    takeUp(tool, present);
                  }
                }}
                className="flex min-h-11 items-center gap-2.5 rounded-md border border-transparent px-2.5 text-left text-[13px] text-soft disabled:opacity-35 aria-pressed:border-accent-deep aria-pressed:bg-accent-deep/45 aria-pressed:text-ink"
              >
                {tool.icon ? <tool.icon size={18} strokeWidth={1.75} aria-hidden className="shrink-0" /> : null}
                {t(`tools.${tool.label}`)}
              </Button>
            ))}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
