/** One's own account: who one is here, the password and the second factor, where one is signed in, and the tokens of one's programs. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../app/session';
import { TopBar } from '../app/TopBar';
import { Section } from '../machines/Section';
import { PasswordForm } from './PasswordForm';
import { SecondFactorForm } from './SecondFactorForm';
import { SessionList } from './SessionList';
import { TokenList } from './TokenList';
import './texts';

export function AccountPage() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const session = useSession();
  const { account = '', role = '', acts = [] } = session ?? {};
  useEffect(() => {
    document.title = `${t('app.account')} · ${t('app.name')}`;
  }, [t]);
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <main className="min-h-0 flex-1 overflow-auto">
        <div className="mx-auto flex max-w-3xl flex-col gap-5 p-6 max-sm:p-3">
          <header>
            <h1 className="text-xl font-semibold">{t('app.account')}</h1>
            <p className="mt-0.5 text-sm text-soft">
              {account} · {t(`accounts.roles.${role}.name`, { defaultValue: role })}
            </p>
          </header>
          <Section title={t('accounts.password.title')} text={t('accounts.password.text')}>
            <div className="px-5 py-4">
              <PasswordForm
                account={account}
                onChanged={() => void queryClient.invalidateQueries({ queryKey: ['sessions'] })}
              />
            </div>
          </Section>
          <Section
            title={t('accounts.factor.title')}
            text={t(session?.has_second_factor ? 'accounts.factor.present' : 'accounts.factor.text')}
          >
            <div className="px-5 py-4">
              <SecondFactorForm />
            </div>
          </Section>
          <Section title={t('accounts.sessions.title')} text={t('accounts.sessions.text')}>
            <SessionList />
          </Section>
          <Section title={t('accounts.tokens.title')} text={t('accounts.tokens.text')}>
            <TokenList acts={acts} />
          </Section>
        </div>
      </main>
    </div>
  );
}
