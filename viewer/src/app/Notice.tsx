/** A state of a whole area: empty, failed or busy. It says what is the matter and what can be done. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RequestError } from '../server/request';
import { Button } from './controls';

export function Notice(props: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text?: string | undefined;
  readonly tone?: 'plain' | 'danger';
  readonly children?: ReactNode;
}) {
  const Icon = props.icon;
  return (
    <div
      role={props.tone === 'danger' ? 'alert' : 'status'}
      className="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-14 text-center"
    >
      <Icon
        size={34}
        strokeWidth={1.4}
        aria-hidden
        className={props.tone === 'danger' ? 'text-danger' : 'text-faint'}
      />
      <p className="text-base font-medium">{props.title}</p>
      {props.text === undefined ? null : <p className="text-sm text-soft">{props.text}</p>}
      {props.children}
    </div>
  );
}

/** What to do about a failed request, in words. */
export function useFailureText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    const status = error instanceof RequestError ? error.status : undefined;
    if (status === 0) {
      return t('failure.network');
    }
    if (status === 403) {
      return t('failure.forbidden');
    }
    if (status === 404) {
      return t('failure.notFound');
    }
    if (status === 429 || status === 503) {
      return t('failure.busy');
    }
    return status === undefined ? t('failure.unexpected') : t('failure.server', { status });
  };
}

/** The button that tries again. */
export function RetryButton({ onPress }: { readonly onPress: () => void }) {
  const { t } = useTranslation();
  return <Button onPress={onPress}>{t('common.retry')}</Button>;
}
