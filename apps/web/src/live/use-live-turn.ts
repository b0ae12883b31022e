import { useEffect, useRef, useState } from 'react';

import { LiveTurn } from './live-turn.ts';

/**
 * Whether this window may show moving pictures now. It may not while others that were used later need the connections;
 * a click in it makes it the first.
 *
 * @param o.isOpen whether it keeps a connection, for pictures or for events
 * @param o.wants whether the pictures would be visible
 */
export function useLiveTurn({ isOpen, wants }: { isOpen: boolean; wants: boolean }): boolean {
  const turn = useRef<LiveTurn>(null);
  const [isOurs, setIsOurs] = useState(true);
  useEffect(() => {
    if (!isOpen || shareOneConnection()) return undefined;
    const opened = new LiveTurn(setIsOurs);
    const end = new AbortController();
    for (const use of ['focus', 'pointerdown', 'keydown']) {
      window.addEventListener(use, () => opened.use(), { signal: end.signal });
    }
    // A window that is closed unmounts nothing.
    window.addEventListener('pagehide', () => opened.leave(), { signal: end.signal });
    turn.current = opened;
    return () => {
      turn.current = null;
      end.abort();
      opened[Symbol.dispose]();
      setIsOurs(true);
    };
  }, [isOpen]);
  useEffect(() => {
    if (isOpen) turn.current?.want(wants);
  }, [isOpen, wants]);
  return isOurs;
}

/** From HTTP/2 on all streams do. What came from a cache does not say. */
function shareOneConnection(): boolean {
  return performance
    .getEntries()
    .some((entry) => entry instanceof PerformanceResourceTiming && /^h[23]/.test(entry.nextHopProtocol));
}
