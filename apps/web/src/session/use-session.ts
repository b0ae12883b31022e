import { createContext, use, useSyncExternalStore } from 'react';

import type { SessionState, SessionStore, User } from './session-store.ts';

/** The store of the running app. */
export const SessionContext = createContext<SessionStore | null>(null);

/** The store itself, to sign in and out. */
export function useSessionStore(): SessionStore {
  const store = use(SessionContext);
  if (!store) throw new Error('SessionContext is missing');
  return store;
}

/** The session as state of a component. */
export function useSession(): SessionState {
  const store = useSessionStore();
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

/** Who is signed in, for pages that only exist signed in. */
export function useUser(): User | null {
  return useSession().user;
}
