/** What the tables of reports share: cells for numbers, for a state and for what is in the way. */
import { RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useReason } from '../remote/useReason';
import { Badge, cell } from './Section';

/** What a state looks like. */
const looks: Readonly<Record<string, Parameters<typeof Badge>[0]['look']>> = {
  checking: 'busy',
  reporting: 'warn',
  reported: 'good',
  waiting: 'warn',
  told: 'good',
  asked: 'warn',
  'not asked': 'danger',
  given: 'good',
  refused: 'danger',
  'given up': 'danger',
  'IN PROGRESS': 'warn',
  COMPLETED: 'good',
  DISCONTINUED: 'danger',
};

export function State({ state }: { readonly state: string }) {
  const { t } = useTranslation();
  return <Badge look={looks[state] ?? 'plain'}>{t(`machines.reports.state.${state}`, { defaultValue: state })}</Badge>;
}

/** How many, and in warning colours how many of them are not as they should be, in the words of `word`. */
export function Count(props: { readonly all: number; readonly missing: number; readonly word: 'missing' | 'refused' }) {
  const { all, missing, word } = props;
  const { t } = useTranslation();
  return (
    <td className={`${cell} tabular-nums whitespace-nowrap`}>
      {all}
      {missing === 0 ? null : (
        <span className="block text-xs text-warn">{t(`machines.reports.${word}`, { count: missing })}</span>
      )}
    </td>
  );
}

/** What is in the way of telling a machine something, and a button to try again while it waits. */
export function TroubleCells(props: {
  readonly of: { readonly peer: string; readonly attempts: number; readonly trouble?: string | null | undefined };
  readonly waits: boolean;
  readonly isBusy: boolean;
  readonly onRetry: () => void;
}) {
  const { t } = useTranslation();
  const reasonText = useReason();
  const { peer, attempts, trouble } = props.of;
  return (
    <>
      <td className={`${cell} text-soft`}>
        {reasonText(trouble ?? '')}
        {attempts > 0 ? (
          <span className="block text-xs text-faint">{t('machines.reports.attempts', { count: attempts })}</span>
        ) : null}
      </td>
      <td className="px-5 py-2 text-right">
        {props.waits ? (
          <Button
            isDisabled={props.isBusy}
            label={t('machines.reports.retryNamed', { name: peer })}
            onPress={props.onRetry}
          >
            <RotateCw size={16} aria-hidden />
            {t('machines.reports.retry')}
          </Button>
        ) : null}
      </td>
    </>
  );
}
