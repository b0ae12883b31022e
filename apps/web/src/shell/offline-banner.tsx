import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';

/** Says that the machine has no network, and what that means for what is on the page. */
export function OfflineBanner() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <output>
      {!isOnline && (
        <span className="flex items-center justify-center gap-2 border-b border-warn/30 bg-warn-wash px-4 py-2 text-center">
          <WifiOff aria-hidden className="size-4 shrink-0 text-warn" />
          You are offline. Your jobs go on without you; this page catches up when you are back.
        </span>
      )}
    </output>
  );
}

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}
