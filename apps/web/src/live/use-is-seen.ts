import { useIsTabShown } from '@gantry/react';
import { type RefObject, useEffect, useState } from 'react';

/** Whether an element is visible now: in view, in the tab that is shown. */
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
  return useIsTabShown() && isInView;
}
