/** Machines: those that may call the archive, and those that tried and wait to be let in. For administrators. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CoercionDialog } from '../coercion/CoercionDialog';
import { fetchPeers } from '../server/machines';
import { InboxSection } from './InboxSection';
import { PeerDialog } from './PeerForm';
import { PeerSection } from './PeerSection';
import { MachineFrame } from './Section';

export function MachinesPage() {
  const { t } = useTranslation();
  /** Whose settings are open: of a machine by its AE title, or of a new one. */
  const [opened, setOpened] = useState<{ readonly aeTitle?: string }>();
  /** Whose corrections are open; `null` for those of all. */
  const [coerced, setCoerced] = useState<string | null>();
  const peers = useQuery({ queryKey: ['machines', 'peers'], queryFn: ({ signal }) => fetchPeers(signal) });
  const edited = peers.data?.find((peer) => peer.ae_title === opened?.aeTitle);
  const isReady = opened !== undefined && (opened.aeTitle === undefined || edited !== undefined);
  const edit = (aeTitle?: string) => setOpened(aeTitle === undefined ? {} : { aeTitle });
  return (
    <MachineFrame title={t('machines.title')}>
      <InboxSection onEdit={edit} />
      <PeerSection onEdit={edit} onCoerce={setCoerced} />
      {isReady ? <PeerDialog peer={edited} others={peers.data ?? []} onClose={() => setOpened(undefined)} /> : null}
      {coerced === undefined ? null : (
        <CoercionDialog
          peer={coerced}
          machines={(peers.data ?? []).map((peer) => peer.ae_title)}
          onClose={() => setCoerced(undefined)}
        />
      )}
    </MachineFrame>
  );
}
