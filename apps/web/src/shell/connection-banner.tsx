import { ServerOff, WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';

import { RelativeTime } from '../format/relative-time.tsx';
import { useServerLoss } from './use-server-loss.ts';

/** Says on every page that what it shows is old, and why: this machine has no network, or the server does not answer. */
export function ConnectionBanner() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  const lostSince = useServerLoss();
  return (
    <output className="sticky top-14 z-30 block">
      {!isOnline ? (
        <span className={BANNER}>
          <WifiOff aria-hidden className="size-4 shrink-0 text-warn" />
          You are offline. Your jobs go on without you; this page catches up when you are back.
        </span>
      ) : (
        lostSince !== null && (
          <span className={BANNER}>
            <ServerOff aria-hidden className="size-4 shrink-0 text-warn" />
            <span>
              The server does not answer. This page shows what was known{' '}
              <RelativeTime value={new Date(lostSince).toISOString()} /> and updates when the server is back.
            </span>
          </span>
        )
      )}
    </output>
  );
}

const BANNER =
  'flex items-center justify-center gap-2 border-b border-warn/30 bg-warn-wash px-4 py-2 text-center';

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}
