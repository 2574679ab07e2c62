/** The pages and their addresses. The filters of the study list live in its address, so they can be kept and sent. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { parseOrderFilters } from '../orders/filters';
import { parseListFilters } from '../studyList/filters';
import { StudyListPage } from '../studyList/StudyListPage';
import { LostPage } from './LostPage';

/** The page that the server was asked for. */
const loadedAs = window.location.pathname;

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: LostPage });

const listRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: parseListFilters,
  component: StudyListPage,
});

const studyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/studies/$studyUid',
  validateSearch: (search: Record<string, unknown>): { series?: string } =>
    typeof search.series === 'string' ? { series: search.series } : {},
  // Quick pictures are the server's page, not ours; where it has none, we are that page already.
  beforeLoad: async ({ location: { href, pathname } }) => {
    if (pathname !== loadedAs && (await import('../lite/tier')).presentTier() === 'lite') {
      window.location.assign(href);
      await new Promise(() => undefined);
    }
  },
  component: lazyRouteComponent(() => import('../viewport/StudyPage'), 'StudyPage'),
});

const ordersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/orders',
  validateSearch: parseOrderFilters,
  component: lazyRouteComponent(() => import('../orders/OrdersPage'), 'OrdersPage'),
});

const machinesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines',
  component: lazyRouteComponent(() => import('../machines/MachinesPage'), 'MachinesPage'),
});

const reportsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines/reports',
  component: lazyRouteComponent(() => import('../machines/ReportsPage'), 'ReportsPage'),
});

const exportsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines/exports',
  component: lazyRouteComponent(() => import('../log/ExportsPage'), 'ExportsPage'),
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines/log',
  component: lazyRouteComponent(() => import('../log/AuditPage'), 'AuditPage'),
});

const accountsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines/accounts',
  component: lazyRouteComponent(() => import('../accounts/AccountsPage'), 'AccountsPage'),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('../accounts/AccountPage'), 'AccountPage'),
});

const forwardingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forwarding',
  component: lazyRouteComponent(() => import('../forwarding/ForwardingPage'), 'ForwardingPage'),
});

const remoteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/remote',
  component: lazyRouteComponent(() => import('../remote/RemotePage'), 'RemotePage'),
});

const aboutRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/about',
  component: lazyRouteComponent(() => import('../about/AboutPage'), 'AboutPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    listRoute,
    studyRoute,
    ordersRoute,
    machinesRoute,
    reportsRoute,
    exportsRoute,
    auditRoute,
    accountsRoute,
    accountRoute,
    forwardingRoute,
    remoteRoute,
    aboutRoute,
  ]),
  // Plain words in the address instead of JSON: ?q=nguyen&modality=CT
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const entries = Object.entries(search).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' && value !== '' ? [[key, value]] : [],
    );
    return entries.length > 0 ? `?${new URLSearchParams(entries)}` : '';
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
