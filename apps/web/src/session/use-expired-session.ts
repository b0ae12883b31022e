import { GantryApiError } from '@gantry/client';
import { useEffect } from 'react';

import { useSessionStore } from './use-session.ts';

/** Sends people to sign in again when the API no longer takes their token; for errors outside the query cache. */
export function useExpiredSession(error: unknown): void {
  const store = useSessionStore();
  useEffect(() => {
    if (error instanceof GantryApiError && error.status === 401) void store.expire();
  }, [error, store]);
}
