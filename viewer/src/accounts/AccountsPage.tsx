/** All accounts, for administrators: who there is, what each may do, how it is with each, and the ways to change that. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { UserPlus, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { Notice, useFailureText } from '../app/Notice';
import { useSession } from '../app/session';
import { Alert, MachineFrame, Section, Table } from '../machines/Section';
import { changeAccount, fetchAccounts } from '../server/accounts';
import { AccountDialog, type AccountDialogName } from './AccountDialog';
import { AccountRow } from './AccountRow';
import { NewAccountDialog } from './NewAccountDialog';
import './texts';

const columns = ['account', 'role', 'state', 'used', 'made'] as const;

export function AccountsPage() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const own = useSession()?.account;
  const [isAdding, setAdding] = useState(false);
  const [opened, setOpened] = useState<{ readonly dialog: AccountDialogName; readonly name: string }>();
  const list = useQuery({ queryKey: ['accounts'], queryFn: ({ signal }) => fetchAccounts(signal) });
  const block = useMutation({
    mutationFn: ({ name, blocked }: { readonly name: string; readonly blocked: boolean }) =>
      changeAccount(name, { blocked }, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['accounts'] }),
  });
  const subject = list.data?.find(({ account }) => account === opened?.name);
  return (
    <MachineFrame title={t('machines.accounts')}>
      <Section
        title={t('accounts.title')}
        text={t('accounts.text')}
        action={
          <Button look="primary" onPress={() => setAdding(true)}>
            <UserPlus size={16} aria-hidden />
            {t('accounts.add')}
          </Button>
        }
      >
        {block.isError ? <Alert>{failureText(block.error)}</Alert> : null}
        <Table
          list={list}
          columns={[...columns.map((column) => t(`accounts.columns.${column}`)), '']}
          empty={<Notice icon={UsersRound} title={t('accounts.none')} />}
        >
          {(account) => (
            <AccountRow
              key={account.account}
              account={account}
              isOwn={account.account === own}
              isBusy={block.isPending}
              onOpen={(dialog) => setOpened({ dialog, name: account.account })}
              onBlock={(blocked) => block.mutate({ name: account.account, blocked })}
            />
          )}
        </Table>
      </Section>
      {isAdding ? <NewAccountDialog onClose={() => setAdding(false)} /> : null}
      {opened !== undefined && subject !== undefined ? (
        <AccountDialog dialog={opened.dialog} account={subject} onClose={() => setOpened(undefined)} />
      ) : null}
    </MachineFrame>
  );
}
