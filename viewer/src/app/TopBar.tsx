/** The bar over every page: where one is, the language, who is signed in. */
import { useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { Info, LogOut } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Act } from '../server/session';
import { IconButton } from './controls';
import { LanguageSwitch } from './LanguageSwitch';
import { Logo } from './Logo';
import { leave, useSession } from './session';

const ThemeMenu = lazy(() => import('./ThemeMenu').then(({ ThemeMenu: component }) => ({ default: component })));

const linkLook = 'whitespace-nowrap rounded-md px-2.5 py-1.5 text-sm text-soft hover:bg-hover hover:text-ink';
const chosen = { className: 'bg-raised text-ink' };

export function TopBar({ children }: { readonly children?: ReactNode }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const session = useSession();
  const may = (act: Act) => session?.acts.includes(act) ?? false;
  // It stands beside the pages of machines, though not below their address.
  const isForwarding = useLocation().pathname === '/forwarding';
  // On a phone a study needs the room for whose it is; what is left out there is on the list, one tap back.
  const onPhone = children === undefined ? '' : 'max-sm:hidden';
  return (
    <header className="flex h-13 shrink-0 items-center gap-3 border-b border-line bg-panel px-3">
      <Link
        to="/"
        aria-label={t('app.home')}
        className={`flex items-center gap-2.5 rounded-md px-1 pointer-coarse:min-h-11 pointer-coarse:min-w-11 ${onPhone}`}
      >
        <Logo size={28} />
        <span className="hidden text-[15px] font-semibold tracking-tight lg:inline">{t('app.name')}</span>
      </Link>
      {children ?? (
        <nav aria-label={t('app.navigation')} className="flex min-w-0 gap-1 overflow-x-auto">
          {may('search') ? (
            <Link
              to="/"
              className={linkLook}
              activeOptions={{ exact: true, includeSearch: false }}
              activeProps={chosen}
            >
              {t('list.title')}
            </Link>
          ) : null}
          {may('search_orders') ? (
            <Link to="/orders" className={linkLook} activeProps={chosen}>
              {t('app.orders')}
            </Link>
          ) : null}
          {may('review_log') && !may('manage_peers') ? (
            <Link to="/machines/log" className={linkLook} activeProps={chosen}>
              {t('app.log')}
            </Link>
          ) : null}
          {may('manage_peers') ? (
            <>
              <Link
                to="/machines"
                className={linkLook}
                activeProps={chosen}
                {...(isForwarding ? { inactiveProps: { ...chosen, 'aria-current': true } } : {})}
              >
                {t('app.machines')}
              </Link>
              <Link to="/remote" className={linkLook} activeProps={chosen}>
                {t('app.remote')}
              </Link>
            </>
          ) : null}
          {/* Where there is no room for the account's name, which leads there too. */}
          <Link to="/account" className={`${linkLook} md:hidden`} activeProps={chosen}>
            {t('app.account')}
          </Link>
        </nav>
      )}
      <div className="ml-auto flex shrink-0 items-center gap-2">
        {children === undefined ? (
          <>
            <Link
              to="/about"
              aria-label={t('app.about')}
              title={t('app.about')}
              className="rounded-md p-2 text-soft hover:bg-hover hover:text-ink max-sm:hidden"
              activeProps={chosen}
            >
              <Info size={18} aria-hidden />
            </Link>
            <Suspense>
              <ThemeMenu />
            </Suspense>
          </>
        ) : null}
        <div className={onPhone}>
          <LanguageSwitch />
        </div>
        <Link
          to="/account"
          aria-label={`${t('app.account')}: ${session?.account}`}
          className={`${linkLook} hidden max-w-40 truncate md:inline`}
          activeProps={chosen}
        >
          {session?.account}
        </Link>
        <IconButton icon={LogOut} label={t('app.signOut')} onPress={() => leave(queryClient)} />
      </div>
    </header>
  );
}
