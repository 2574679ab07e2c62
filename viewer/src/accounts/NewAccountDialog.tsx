/** The form of a new account, and then the password that its owner signs in with the first time. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFailureText } from '../app/Notice';
import { FormDialog, FormEnd, useFormRef } from '../machines/FormDialog';
import { Line } from '../machines/fields';
import { addAccount, type Role } from '../server/accounts';
import { RequestError } from '../server/request';
import { RoleChoice } from './RoleChoice';
import { ShownOnce } from './ShownOnce';
import { isAccountName } from './states';

interface Draft {
  readonly name: string;
  readonly role: Role;
}

/** A name that was typed, as the server writes it. */
const written = (name: string) => name.trim().toLowerCase();

export function NewAccountDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<Draft>({ name: '', role: 'radiologist' });
  const add = useMutation({
    mutationFn: ({ name, role }: Draft) => addAccount(written(name), role, new AbortController().signal),
    // The password goes with the dialog.
    gcTime: 0,
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ['accounts'] }),
  });
  const change = (changed: Partial<Draft>) => {
    setDraft({ ...draft, ...changed });
    add.reset();
  };
  return (
    <FormDialog title={t('accounts.new')} onClose={onClose}>
      {add.isSuccess ? (
        <ShownOnce
          label={t('accounts.initialPassword', { name: written(draft.name) })}
          secret={add.data}
          text={t('accounts.toBeChanged')}
          onClose={onClose}
        />
      ) : (
        <Form
          draft={draft}
          error={add.error}
          isBusy={add.isPending}
          onChange={change}
          onAdd={() => add.mutate(draft)}
          onClose={onClose}
        />
      )}
    </FormDialog>
  );
}

function Form(props: {
  readonly draft: Draft;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onChange: (change: Partial<Draft>) => void;
  readonly onAdd: () => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { draft, error } = props;
  const [isUnnamed, setUnnamed] = useState(false);
  const status = error instanceof RequestError ? error.status : undefined;
  const fault = isUnnamed || status === 400 ? 'name' : status === 409 ? 'taken' : undefined;
  const form = useFormRef(fault);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isWrong = !isAccountName(written(draft.name));
    setUnnamed(isWrong);
    if (!isWrong) {
      props.onAdd();
    }
  };
  const refusal = error === null ? undefined : failureText(error);
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
      <Line
        label={t('accounts.columns.account')}
        hint={t('accounts.nameHint')}
        isRequired
        maxLength={64}
        value={draft.name}
        isWrong={fault !== undefined}
        onChange={(name) => {
          setUnnamed(false);
          props.onChange({ name });
        }}
      />
      <RoleChoice value={draft.role} onChange={(role) => props.onChange({ role })} />
      <FormEnd
        problem={fault === undefined ? refusal : t(`accounts.wrong.${fault}`)}
        submit={t('accounts.add')}
        isBusy={props.isBusy}
        onClose={props.onClose}
      />
    </form>
  );
}
