/** What an administrator does with one account: its role and hours, a new password, its second factor, its sessions, its tokens. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { FormDialog, FormEnd } from '../machines/FormDialog';
import { Line } from '../machines/fields';
import { type Account, changeAccount, removeSecondFactor, resetPassword } from '../server/accounts';
import { RequestError } from '../server/request';
import { RoleChoice } from './RoleChoice';
import { SessionList } from './SessionList';
import { ShownOnce } from './ShownOnce';
import { TokenList } from './TokenList';

export type AccountDialogName = 'role' | 'password' | 'factor' | 'sessions' | 'tokens';

/** What a token of a program can be for, which is what the server lets programs do. */
const actsOfPrograms = ['store', 'search', 'view', 'download', 'watch', 'search_orders', 'manage_orders'] as const;

const listLook = 'rounded-md border border-line';

interface PartProps {
  readonly account: Account;
  readonly onClose: () => void;
}

export function AccountDialog({ dialog, ...props }: PartProps & { readonly dialog: AccountDialogName }) {
  const { t } = useTranslation();
  const name = props.account.account;
  const parts = {
    role: () => <RolePart {...props} />,
    password: () => <PasswordPart {...props} />,
    factor: () => <FactorPart {...props} />,
    sessions: () => (
      <div className={listLook}>
        <SessionList account={name} />
      </div>
    ),
    tokens: () => (
      <div className={listLook}>
        <TokenList account={name} acts={props.account.role === 'service' ? actsOfPrograms : []} />
      </div>
    ),
  };
  return (
    <FormDialog title={t(`accounts.dialogs.${dialog}`, { name })} onClose={props.onClose}>
      {parts[dialog]()}
    </FormDialog>
  );
}

function RolePart({ account, onClose }: PartProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const [role, setRole] = useState(account.role);
  const [hours, setHours] = useState(account.hours ?? '');
  const save = useMutation({
    mutationFn: () => changeAccount(account.account, { role, hours }, new AbortController().signal),
    onSuccess: onClose,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['accounts'] }),
  });
  const isWrong = save.error instanceof RequestError && save.error.field === 'hours';
  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <RoleChoice value={role} onChange={setRole} />
      <Line
        label={t('accounts.hours')}
        hint={t('accounts.hoursHint')}
        value={hours}
        isWrong={isWrong}
        onChange={(value) => {
          setHours(value);
          save.reset();
        }}
      />
      <FormEnd
        problem={save.isError ? (isWrong ? t('accounts.wrong.hours') : failureText(save.error)) : undefined}
        submit={t('accounts.save')}
        isBusy={save.isPending}
        onClose={onClose}
      />
    </form>
  );
}

/** Asks once more before whoever lost the phone comes in without it. */
function FactorPart({ account, onClose }: PartProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const name = account.account;
  const remove = useMutation({
    mutationFn: () => removeSecondFactor(name, new AbortController().signal),
    onSuccess: onClose,
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ['accounts'] }),
  });
  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate();
      }}
    >
      <p className="text-sm">{t('accounts.factor.confirmRemove', { name })}</p>
      <FormEnd
        problem={remove.isError ? failureText(remove.error) : undefined}
        submit={t('accounts.factor.remove')}
        isBusy={remove.isPending}
        onClose={onClose}
      />
    </form>
  );
}

/** Asks once more before the old password is good for nothing; then shows the new one. */
function PasswordPart({ account, onClose }: PartProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const name = account.account;
  const reset = useMutation({
    mutationFn: () => resetPassword(name, new AbortController().signal),
    // The password goes with the dialog.
    gcTime: 0,
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ['accounts'] }),
  });
  if (reset.isSuccess) {
    return (
      <ShownOnce
        label={t('accounts.initialPassword', { name })}
        secret={reset.data}
        text={t('accounts.toBeChanged')}
        onClose={onClose}
      />
    );
  }
  return (
    <div className="flex flex-col gap-5">
      <p className="text-sm">{t('accounts.confirmPassword', { name })}</p>
      {reset.isError ? (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
          {failureText(reset.error)}
        </p>
      ) : null}
      <footer className="flex flex-wrap gap-2">
        <Button look="primary" isBusy={reset.isPending} onPress={() => reset.mutate()}>
          {t('accounts.makePassword')}
        </Button>
        <Button look="quiet" onPress={onClose}>
          {t('common.close')}
        </Button>
      </footer>
    </div>
  );
}
