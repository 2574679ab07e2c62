/** Changing one's password: the present one, and the new one twice. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { sessionQueryKey } from '../app/session';
import { useFormRef } from '../machines/FormDialog';
import { Line } from '../machines/fields';
import { RequestError } from '../server/request';
import { changePassword } from '../server/signIns';
import {
  emptyDraft,
  leastLength,
  type PasswordDraft,
  type PasswordFault,
  passwordFault,
  refusedPart,
} from './password';
import './texts';

/** Longer than any that the server takes: a password is never cut off unseen. */
const maxLength = 4096;

export function PasswordForm(props: { readonly account: string; readonly onChanged: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(emptyDraft);
  const [found, setFound] = useState<PasswordFault>();
  const change = useMutation({
    mutationFn: () => changePassword(draft.password, draft.wanted, new AbortController().signal),
    onSuccess: () => {
      setDraft(emptyDraft);
      props.onChanged();
    },
    onError: (error) => {
      if (error instanceof RequestError && error.status === 401) {
        // Perhaps it is the session that is over.
        void queryClient.invalidateQueries({ queryKey: sessionQueryKey });
      }
    },
  });
  const status = change.error instanceof RequestError ? change.error.status : undefined;
  const fault = found ?? refusedPart(status);
  const form = useFormRef(fault?.field);
  const problem = () => {
    if (fault !== undefined) {
      return t(`accounts.password.problems.${fault.problem}`, { least: leastLength });
    }
    return status === 429 ? t('signIn.tooMany') : failureText(change.error);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const first = passwordFault(draft);
    setFound(first);
    if (first === undefined) {
      change.mutate();
    }
  };
  const field = (name: keyof PasswordDraft) =>
    ({
      label: t(`accounts.password.${name}`),
      kind: 'password',
      isRequired: true,
      maxLength,
      value: draft[name],
      isWrong: fault?.field === name,
      onChange: (value: string) => {
        setDraft({ ...draft, [name]: value });
        setFound(undefined);
        change.reset();
      },
    }) as const;
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex max-w-md flex-col gap-4">
      {/* By which the browser knows whose password it keeps. */}
      <input type="text" autoComplete="username" value={props.account} readOnly hidden />
      <Line {...field('password')} autoComplete="current-password" />
      <Line {...field('wanted')} hint={t('accounts.password.rule', { least: leastLength })} />
      <Line {...field('again')} />
      {found !== undefined || change.isError ? (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
          {problem()}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" isBusy={change.isPending}>
          {t('accounts.password.submit')}
        </Button>
        <p role="status" className="text-sm text-good">
          {change.isSuccess ? t('accounts.password.changed') : null}
        </p>
      </div>
    </form>
  );
}
