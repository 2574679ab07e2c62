/** Signing in. It stands in place of any page while nobody is signed in, so the address stays and the page follows. */
import { useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RequestError } from '../server/request';
import { signIn } from '../server/session';
import { Button, TextField } from './controls';
import { LanguageSwitch } from './LanguageSwitch';
import { Logo } from './Logo';
import { useFailureText } from './Notice';
import { sessionQueryKey } from './session';

export function SignInPage() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  // The digits of the second factor, once they are asked for.
  const [code, setCode] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const request = useRef<AbortController>(null);

  useEffect(() => () => request.current?.abort(), []);

  const textOf = (error: unknown): string => {
    const status = error instanceof RequestError ? error.status : undefined;
    if (status === 401) {
      return t('signIn.wrong');
    }
    if (status === 403) {
      return t('signIn.barred');
    }
    return status === 429 ? t('signIn.tooMany') : failureText(error);
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (account.trim() === '' || password === '') {
      setFailure(t('signIn.missing'));
      return;
    }
    const controller = new AbortController();
    request.current = controller;
    setBusy(true);
    setFailure(undefined);
    try {
      await signIn({ account: account.trim(), password, code: code?.trim() ?? null }, controller.signal);
      await queryClient.invalidateQueries({ queryKey: sessionQueryKey });
    } catch (error) {
      if (!controller.signal.aborted) {
        if (error instanceof RequestError && error.status === 401 && error.field === 'code') {
          setFailure(code === undefined ? undefined : t('signIn.wrongCode'));
          setCode('');
        } else {
          setFailure(textOf(error));
          setPassword('');
          setCode(undefined);
        }
      }
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="flex h-full flex-col items-center justify-center gap-8 p-6">
      <div className="flex flex-col items-center gap-3">
        <Logo size={48} />
        <div className="text-center">
          <h1 className="text-2xl font-semibold tracking-tight">{t('app.name')}</h1>
          <p className="mt-1 text-sm text-soft">{t('app.tagline')}</p>
        </div>
      </div>
      <form
        onSubmit={submit}
        noValidate
        className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-panel p-6 shadow-2xl shadow-black/40"
      >
        <TextField
          label={t('signIn.account')}
          value={account}
          onChange={setAccount}
          autoComplete="username"
          autoFocus
        />
        <TextField
          label={t('signIn.password')}
          value={password}
          onChange={setPassword}
          type="password"
          autoComplete="current-password"
        />
        {code === undefined ? null : (
          <TextField label={t('signIn.code')} value={code} onChange={setCode} autoComplete="one-time-code" autoFocus />
        )}
        {failure === undefined ? null : (
          <p
            role="alert"
            className="flex items-start gap-2 rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft"
          >
            <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />
            {failure}
          </p>
        )}
        <Button type="submit" look="primary" isDisabled={busy}>
          {busy ? t('signIn.busy') : t('signIn.submit')}
        </Button>
      </form>
      <LanguageSwitch />
    </main>
  );
}
