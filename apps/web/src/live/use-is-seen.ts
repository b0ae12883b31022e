import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react';

/** Whether somebody can see an element now: it is in view, and the tab is the one that is shown. */
export function useIsSeen(ref: RefObject<Element | null>): boolean {
  const [isInView, setIsInView] = useState(false);
  useEffect(() => {
    if (!ref.current) return undefined;
    const observer = new IntersectionObserver((entries) =>
      setIsInView(entries.at(-1)?.isIntersecting ?? false),
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  const isTabShown = useSyncExternalStore(subscribe, () => document.visibilityState === 'visible');
  return isInView && isTabShown;
}

function subscribe(onChange: () => void): () => void {
  document.addEventListener('visibilitychange', onChange);
  return () => document.removeEventListener('visibilitychange', onChange);
}
