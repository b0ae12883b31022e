import { useSyncExternalStore } from 'react';

import { isTabShown } from './tab-visibility.ts';

/**
 * Whether the tab is the one that its window shows: for work that is not needed while it is hidden, such as
 * `useLiveFrame`.
 */
export function useIsTabShown(): boolean {
  return useSyncExternalStore(subscribe, isTabShown, () => false);
}

function subscribe(onChange: () => void): () => void {
  document.addEventListener('visibilitychange', onChange);
  return () => document.removeEventListener('visibilitychange', onChange);
}
