/** An address that leads nowhere. */
import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Notice } from './Notice';
import { TopBar } from './TopBar';

export function LostPage() {
  const { t } = useTranslation();
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <Notice icon={Compass} title={t('lost.title')}>
        <Link to="/" className="text-accent underline">
          {t('lost.toList')}
        </Link>
      </Notice>
    </div>
  );
}
