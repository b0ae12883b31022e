import { GantryApiError } from '@gantry/client';
import { notifyManager, type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';

const RETRY_MS = 5_000;

/**
 * Since when what a page shows is old because the server does not answer: the time of the oldest answer, in
 * milliseconds; null while the server answers. What has no answer at all shows its own error.
 */
export function useServerLoss(): number | null {
  const queries = useQueryClient();
  const subscribe = useCallback(
    (listener: () => void) => queries.getQueryCache().subscribe(notifyManager.batchCalls(listener)),
    [queries],
  );
  const since = useSyncExternalStore(subscribe, () => oldestAnswer(queries));
  const isLost = since !== null;
  // What is read once is not asked for again by itself.
  useEffect(() => {
    if (!isLost) return undefined;
    const timer = setInterval(
      () => void queries.refetchQueries({ type: 'active', predicate: isOld }, { cancelRefetch: false }),
      RETRY_MS,
    );
    return () => clearInterval(timer);
  }, [queries, isLost]);
  return since;
}

function oldestAnswer(queries: QueryClient): number | null {
  const old = queries.getQueryCache().findAll({ type: 'active', predicate: isOld });
  return old.length === 0 ? null : Math.min(...old.map(({ state }) => state.dataUpdatedAt));
}

function isOld({ state }: Query): boolean {
  const error: unknown = state.fetchFailureReason ?? state.error;
  return (
    state.data !== undefined && error instanceof GantryApiError && (error.status === 0 || error.status >= 500)
  );
}
