/** How far a transfer is, and what came of it, in words. */
import { useTranslation } from 'react-i18next';
import { useFailureText } from '../app/Notice';
import type { Transfer } from '../server/transfers';
import { useReason } from './useReason';
import type { Transferred } from './useTransfers';

/** So many reasons are shown; instances mostly fail for the same one. */
const mostReasons = 3;

/** The same of a study that may still wait for others, or could not be asked for. */
export function Progress(props: { readonly transferred: Transferred; readonly act: 'send' | 'fetch' }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { transferred, act } = props;
  switch (transferred.state) {
    case 'waiting':
      return <span className="text-sm text-faint">{t('remote.waiting')}</span>;
    case 'refused':
      return (
        <span role="alert" className="text-sm text-danger-soft">
          {failureText(transferred.error)}
        </span>
      );
    case 'begun':
      return <Outcome transfer={transferred.transfer} act={act} />;
  }
}

/** `act` chooses the words: what was sent, or what came. */
function Outcome(props: { readonly transfer: Transfer; readonly act: 'send' | 'fetch' }) {
  const { t } = useTranslation();
  const reasonText = useReason();
  const { transfer, act } = props;
  const { completed, failed, total, state } = transfer;
  const reasons = [...new Set(transfer.failures.map(({ reason }) => reason))].slice(0, mostReasons);
  return (
    <div className="flex flex-col gap-1.5 text-sm">
      {state === 'running' ? (
        <>
          <span role="status" className="text-soft tabular-nums">
            {total ? t(`remote.${act}.running`, { count: total, completed: completed + failed }) : t('remote.asking')}
          </span>
          <progress
            aria-label={t(`remote.${act}.progress`)}
            className="h-1.5 w-full accent-accent"
            {...(total ? { max: total, value: completed + failed } : {})}
          />
        </>
      ) : (
        <span role="status" className={state === 'done' ? 'text-good' : 'text-warn'}>
          {state === 'stopped' ? `${t('remote.stopped')} ` : ''}
          {completed > 0 || failed === 0 ? t(`remote.${act}.done`, { count: completed }) : ''}{' '}
          {failed > 0 ? t(`remote.${act}.failed`, { count: failed }) : ''}
        </span>
      )}
      {reasons.map((reason) => (
        <span key={reason} className="text-xs text-faint">
          {reasonText(reason)}
        </span>
      ))}
      {transfer.trouble && !reasons.includes(transfer.trouble) ? (
        <span className="text-xs text-warn">{reasonText(transfer.trouble)}</span>
      ) : null}
    </div>
  );
}

const commitmentLooks = { asked: 'text-soft', given: 'text-good', refused: 'text-warn' } as const;

/** What the machine said to vouching for what it was sent. */
export function Commitment({ transfer }: { readonly transfer: Transfer }) {
  const { t } = useTranslation();
  const reasonText = useReason();
  const { commitment } = transfer;
  if (!commitment) {
    return null;
  }
  const reasons = [...new Set(commitment.failures.map(({ reason }) => reason))].slice(0, mostReasons);
  return (
    <div className="flex flex-col gap-1 text-sm">
      <span role="status" className={commitmentLooks[commitment.state]}>
        {t(`remote.commitment.${commitment.state}`, { count: commitment.failures.length })}
      </span>
      {reasons.map((reason) => (
        <span key={reason} className="text-xs text-faint">
          {reasonText(reason)}
        </span>
      ))}
    </div>
  );
}
