/**
 * What comes before anything else: a new password for whoever came in with one that somebody else knows, and a second factor
 * for whose role needs one. It stands in place of any page until that is done.
 */
import { useQueryClient } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { LanguageSwitch } from '../app/LanguageSwitch';
import { Logo } from '../app/Logo';
import { leave, sessionQueryKey } from '../app/session';
import type { Session } from '../server/session';
import { PasswordForm } from './PasswordForm';
import { SecondFactorForm } from './SecondFactorForm';
import './texts';

export function FirstStepPage({ session }: { readonly session: Session }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const frame = useRef<HTMLElement>(null);
  const step = session.must_change_password ? 'password' : 'factor';
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step begins at its first field
  useEffect(() => frame.current?.querySelector<HTMLElement>('[type=password], button')?.focus(), [step]);
  return (
    <main ref={frame} className="flex h-full flex-col items-center gap-6 overflow-auto p-6 sm:justify-center">
      <Logo size={48} />
      <div className="flex w-full max-w-md flex-col gap-4 rounded-xl border border-line bg-panel p-6 shadow-2xl shadow-black/40">
        <div>
          <h1 className="text-xl font-semibold tracking-tight">{t(`accounts.first.${step}.title`)}</h1>
          <p className="mt-1 text-sm text-soft">{t(`accounts.first.${step}.text`, { name: session.account })}</p>
        </div>
        {step === 'password' ? (
          <PasswordForm
            account={session.account}
            onChanged={() => void queryClient.invalidateQueries({ queryKey: sessionQueryKey })}
          />
        ) : (
          <SecondFactorForm />
        )}
      </div>
      <div className="flex flex-wrap items-center justify-center gap-4">
        <LanguageSwitch />
        <Button look="quiet" onPress={() => leave(queryClient)}>
          <LogOut size={16} aria-hidden />
          {t('app.signOut')}
        </Button>
      </div>
    </main>
  );
}
