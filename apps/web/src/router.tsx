import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';

import { RouteError } from './errors/route-error.tsx';
import { JOB_VIEWS, type JobView } from './job/job-view.ts';
import { readJobFilter } from './job-list/job-filter.ts';
import { awaitHeading, offerHeading } from './page/heading-focus.ts';
import { PageLoading } from './page/page-loading.tsx';
import type { SessionStore } from './session/session-store.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { SignUpPage } from './session/sign-up-page.tsx';
import { AppShell } from './shell/app-shell.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';

const rootRoute = createRootRouteWithContext<{ session: SessionStore }>()({
  component: AppShell,
  notFoundComponent: NotFoundPage,
});

/** Pages for users who are not signed in; others are redirected. */
const guestRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'guest',
  validateSearch: (search): { redirect?: string; expired?: boolean } => ({
    ...(isOwnPath(search['redirect']) && { redirect: search['redirect'] }),
    ...(search['expired'] === true && { expired: true }),
  }),
  beforeLoad: ({ context, search }) => {
    if (context.session.snapshot().user) throw redirect({ to: search.redirect ?? '/', replace: true });
  },
});

/** Pages for signed-in users; others sign in first and come back. */
const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'member',
  beforeLoad: ({ context, location }) => {
    const session = context.session.snapshot();
    if (session.user) return;
    throw redirect({
      to: '/sign-in',
      search: session.hasExpired
        ? { redirect: location.href, expired: true }
        : { ...(location.href !== '/' && { redirect: location.href }) },
      replace: true,
    });
  },
});

const signInRoute = createRoute({
  getParentRoute: () => guestRoute,
  path: '/sign-in',
  component: SignInPage,
});
const signUpRoute = createRoute({
  getParentRoute: () => guestRoute,
  path: '/sign-up',
  component: SignUpPage,
});

const servicesRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./service/services-page.tsx'), 'ServicesPage'),
});

const serviceRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/services/$serviceId',
  component: lazyRouteComponent(() => import('./service/service-page.tsx'), 'ServicePage'),
});

const jobsRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/jobs',
  validateSearch: readJobFilter,
  component: lazyRouteComponent(() => import('./job-list/jobs-page.tsx'), 'JobsPage'),
});

const jobRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/jobs/$jobId',
  validateSearch: (search): { view?: JobView } => {
    const view = JOB_VIEWS.find((candidate) => candidate === search['view']);
    return view === undefined ? {} : { view };
  },
  component: lazyRouteComponent(() => import('./job/job-page.tsx'), 'JobPage'),
});

const schedulesRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/schedules',
  component: lazyRouteComponent(() => import('./schedules/schedules-page.tsx'), 'SchedulesPage'),
});

const adminRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/admin',
  validateSearch: readJobFilter,
  component: lazyRouteComponent(() => import('./admin/admin-page.tsx'), 'AdminPage'),
});

const routeTree = rootRoute.addChildren([
  guestRoute.addChildren([signInRoute, signUpRoute]),
  memberRoute.addChildren([servicesRoute, serviceRoute, jobsRoute, jobRoute, schedulesRoute, adminRoute]),
]);

/** Builds the router. The session decides who may see what; the API decides again on every request. */
export function createAppRouter(session: SessionStore) {
  const router = createRouter({
    routeTree,
    context: { session },
    defaultPreload: 'intent',
    defaultErrorComponent: RouteError,
    defaultPendingComponent: PageLoading,
    scrollRestoration: true,
    // What a page does not know in its address is dropped, or a wrong filter would reach the API.
    search: { strict: true },
  });
  // The first page is announced by the browser itself.
  router.subscribe('onBeforeNavigate', ({ fromLocation, pathChanged }) => {
    if (fromLocation && pathChanged) awaitHeading();
  });
  router.subscribe('onRendered', () => offerHeading(document.querySelector('h1')));
  session.subscribe(() => void router.invalidate());
  return router;
}

/** Only a path of this app: an address from elsewhere must not lead people away after sign-in. */
function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value);
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
