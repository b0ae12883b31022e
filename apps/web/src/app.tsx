import { createGantryClient, GantryApiError } from '@gantry/client';
import { GantryProvider } from '@gantry/react';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';

import { createAppRouter } from './router.tsx';
import type { AppConfig } from './session/app-config.ts';
import type { SessionStore } from './session/session-store.ts';
import { AppConfigContext } from './session/use-app-config.ts';
import { SessionContext } from './session/use-session.ts';
import { useTheme } from './theme/theme.ts';

const TOAST_MS = 6_000;
/** A server that hangs keeps connections open: only this distinguishes it from a slow one. */
const QUERY_TIMEOUT_MS = 15_000;

const TOAST_LOOK = {
  fontFamily: 'inherit',
  '--normal-bg': 'var(--raised)',
  '--normal-border': 'var(--line)',
  '--normal-text': 'var(--ink)',
};

// No toast is shown before the user has done something.
const Toaster = lazy(async () => ({ default: (await import('sonner')).Toaster }));

/** The running app: what every page may use, around the pages. */
export function App({ config, session }: { config: AppConfig; session: SessionStore }) {
  const [{ router, client, queryClient }] = useState(() => build(session));
  const theme = useTheme();
  return (
    <AppConfigContext value={config}>
      <SessionContext value={session}>
        <QueryClientProvider client={queryClient}>
          <GantryProvider client={client}>
            <RouterProvider router={router} />
            <Suspense>
              <Toaster
                theme={theme}
                position="bottom-right"
                closeButton
                style={TOAST_LOOK}
                toastOptions={{ duration: TOAST_MS }}
              />
            </Suspense>
          </GantryProvider>
        </QueryClientProvider>
      </SessionContext>
    </AppConfigContext>
  );
}

function build(session: SessionStore) {
  const onError = (error: unknown) => {
    if (error instanceof GantryApiError && error.status === 401) void session.expire();
  };
  const queryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the API refused it will refuse again; only a broken connection is worth a second try.
        retry: (failures, error) =>
          failures < 2 && !(error instanceof GantryApiError && error.status >= 400 && error.status < 500),
      },
    },
  });
  // One person's jobs must not be seen by the next one at the same browser.
  let userId = session.snapshot().user?.id;
  session.subscribe(() => {
    const before = userId;
    userId = session.snapshot().user?.id;
    if (!userId) queryClient.clear();
    // Another tab has signed another person in: what this page shows and follows is not theirs.
    else if (before && before !== userId) location.reload();
  });
  const client = createGantryClient({
    url: location.origin,
    getToken: session.getToken,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
  });
  return { router: createAppRouter(session), client, queryClient };
}
