/** What Filmless is, what it is meant for, and what not. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '../app/Logo';
import { TopBar } from '../app/TopBar';
import { fetchVersion } from '../server/about';
import './texts';

const parts = ['use', 'diagnosis', 'quality', 'measurements', 'privacy', 'licence'] as const;

export function AboutPage() {
  const { t } = useTranslation();
  const version = useQuery({ queryKey: ['about'], queryFn: ({ signal }) => fetchVersion(signal) });
  useEffect(() => {
    document.title = `${t('about.title')} · ${t('app.name')}`;
  }, [t]);
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is longer than the screen is scrolled by keys */}
      <main tabIndex={0} className="min-h-0 flex-1 overflow-auto outline-none">
        <div className="mx-auto flex max-w-3xl flex-col gap-6 p-6">
          <header className="flex items-center gap-4">
            <Logo size={48} />
            <div>
              <h1 className="text-xl font-semibold tracking-tight">{t('about.title')}</h1>
              <p className="text-sm text-soft">
                {t('app.name')}
                {version.data === undefined ? null : ` · ${t('about.version', { version: version.data })}`}
              </p>
            </div>
          </header>
          {parts.map((part) => (
            <section key={part} className="rounded-xl border border-line bg-panel px-5 py-4">
              <h2 className={`text-base font-semibold ${part === 'diagnosis' ? 'text-warn' : ''}`}>
                {t(`about.${part}.title`)}
              </h2>
              <p className="mt-1 text-sm leading-relaxed text-soft">{t(`about.${part}.text`)}</p>
            </section>
          ))}
        </div>
      </main>
    </div>
  );
}
