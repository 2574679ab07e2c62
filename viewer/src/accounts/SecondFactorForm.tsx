/** Adding a second factor to one's account: a secret for the app on one's phone, and digits by which the app shows that it has it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { sessionQueryKey } from '../app/session';
import { useFormRef } from '../machines/FormDialog';
import { Line } from '../machines/fields';
import { RequestError } from '../server/request';
import { beginSecondFactor, type Enrolment, putSecondFactor } from '../server/signIns';
import './texts';

export function SecondFactorForm() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const begin = useMutation({
    mutationFn: () => beginSecondFactor(new AbortController().signal),
    // The secret goes with the form.
    gcTime: 0,
  });
  if (begin.isSuccess) {
    return <Confirmation enrolment={begin.data} onDone={() => begin.reset()} />;
  }
  return (
    <div className="flex flex-col items-start gap-3">
      <Button look="primary" isBusy={begin.isPending} onPress={() => begin.mutate()}>
        {t('accounts.factor.begin')}
      </Button>
      {begin.isError ? (
        <p role="alert" className="text-sm text-danger">
          {failureText(begin.error)}
        </p>
      ) : null}
    </div>
  );
}

function Confirmation({ enrolment, onDone }: { readonly enrolment: Enrolment; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const put = useMutation({
    mutationFn: () => putSecondFactor({ password, secret: enrolment.secret, code }, new AbortController().signal),
    onSuccess: onDone,
    // Perhaps it is the session that is over.
    onSettled: () => queryClient.invalidateQueries({ queryKey: sessionQueryKey }),
  });
  const refused = put.error instanceof RequestError && put.error.status === 401 ? put.error : undefined;
  const wrong = refused && (refused.field === 'code' ? 'code' : 'password');
  const form = useFormRef(wrong);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate();
  };
  const typed = (set: (value: string) => void) => (value: string) => {
    set(value);
    put.reset();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex max-w-md flex-col gap-4">
      <p className="text-sm">{t('accounts.factor.scan')}</p>
      <img
        src={`data:image/svg+xml,${encodeURIComponent(enrolment.picture)}`}
        alt={t('accounts.factor.picture')}
        width={200}
        height={200}
        className="rounded-md bg-white p-1"
      />
      <Line
        label={t('accounts.factor.secret')}
        value={enrolment.secret}
        isReadOnly
        isWrong={false}
        onChange={() => undefined}
      />
      <a href={enrolment.uri} className="text-sm text-accent hover:underline">
        {t('accounts.factor.open')}
      </a>
      <Line
        label={t('signIn.code')}
        hint={t('signIn.codeHint')}
        value={code}
        isNumber
        isRequired
        maxLength={10}
        isWrong={wrong === 'code'}
        onChange={typed(setCode)}
      />
      <Line
        label={t('accounts.password.password')}
        kind="password"
        autoComplete="current-password"
        isRequired
        value={password}
        isWrong={wrong === 'password'}
        onChange={typed(setPassword)}
      />
      {put.isError ? (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
          {wrong === 'code'
            ? t('signIn.wrongCode')
            : wrong
              ? t('accounts.password.problems.wrong')
              : failureText(put.error)}
        </p>
      ) : null}
      <Button type="submit" look="primary" isBusy={put.isPending}>
        {t('accounts.factor.submit')}
      </Button>
    </form>
  );
}
