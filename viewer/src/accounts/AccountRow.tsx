/** An account in the list of all: what it is, how it is with it, and what can be done about it. */
import { Link } from '@tanstack/react-router';
import { Ban, KeyRound, MonitorSmartphone, Smartphone, Ticket, UserCheck, UserCog } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../app/controls';
import { dayOf, readableDate } from '../imaging/dates';
import { Badge, cell } from '../machines/Section';
import type { Account } from '../server/accounts';
import type { AccountDialogName } from './AccountDialog';
import { type AccountState, isShutOut, statesOf } from './states';

const looks: Readonly<Record<AccountState, Parameters<typeof Badge>[0]['look']>> = {
  blocked: 'danger',
  locked: 'danger',
  idle: 'warn',
  mustChange: 'plain',
  fine: 'good',
};

const day = (ms: number) => readableDate(dayOf(new Date(ms)));

const dialogs = [
  ['role', UserCog],
  ['password', KeyRound],
  ['factor', Smartphone],
  ['sessions', MonitorSmartphone],
  ['tokens', Ticket],
] as const;

export function AccountRow(props: {
  readonly account: Account;
  /** Of whoever looks, who changes it elsewhere. */
  readonly isOwn: boolean;
  readonly isBusy: boolean;
  readonly onOpen: (dialog: AccountDialogName) => void;
  readonly onBlock: (blocked: boolean) => void;
}) {
  const { t } = useTranslation();
  const { account } = props;
  const name = account.account;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} font-medium`}>
        {name}
      </th>
      <td className={`${cell} whitespace-nowrap`}>{t(`accounts.roles.${account.role}.name`)}</td>
      <td className={cell}>
        <span className="flex flex-wrap gap-1">
          {statesOf(account).map((state) => (
            <Badge key={state} look={looks[state]}>
              {t(`accounts.states.${state}`)}
            </Badge>
          ))}
        </span>
      </td>
      <td className={`${cell} text-soft tabular-nums`}>{day(account.used_ms)}</td>
      <td className={`${cell} text-soft tabular-nums`}>{day(account.created_ms)}</td>
      <td className="px-5 py-1">
        <div className="flex items-center justify-end gap-1">
          {props.isOwn ? (
            <Link to="/account" className="text-accent whitespace-nowrap hover:underline">
              {t('app.account')}
            </Link>
          ) : (
            <>
              {dialogs.map(([dialog, icon]) =>
                dialog === 'factor' && !account.second_factor ? null : (
                  <IconButton
                    key={dialog}
                    icon={icon}
                    label={t(`accounts.dialogs.${dialog}`, { name })}
                    onPress={() => props.onOpen(dialog)}
                  />
                ),
              )}
              {isShutOut(account) ? (
                <IconButton
                  icon={UserCheck}
                  label={t('accounts.letIn', { name })}
                  isDisabled={props.isBusy}
                  onPress={() => props.onBlock(false)}
                />
              ) : null}
              {account.blocked ? null : (
                <IconButton
                  icon={Ban}
                  label={t('accounts.block', { name })}
                  isDisabled={props.isBusy}
                  onPress={() => {
                    if (window.confirm(t('accounts.confirmBlock', { name }))) {
                      props.onBlock(true);
                    }
                  }}
                />
              )}
            </>
          )}
        </div>
      </td>
    </tr>
  );
}
