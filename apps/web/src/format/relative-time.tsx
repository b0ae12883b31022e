import { useEffect, useState } from 'react';

import { formatDuration } from './format-duration.ts';

const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment as people say it, `3 min ago` or `in 6 d 23 h`; the exact one on hover. */
export function RelativeTime({ value }: { value: string }) {
  const now = useNow();
  const date = new Date(value);
  return (
    <time dateTime={value} title={DATE_TIME.format(date)} className="tabular whitespace-nowrap">
      {formatRelative(date.getTime() - now)}
    </time>
  );
}

/** Words for a distance from now; negative is the past. */
export function formatRelative(distanceMs: number): string {
  if (Math.abs(distanceMs) < 10_000) return 'just now';
  // Rounded down to the minute, so that a list does not flicker.
  const distance = Math.abs(distanceMs);
  const text = formatDuration(distance < 60_000 ? distance : Math.floor(distance / 60_000) * 60_000);
  return distanceMs < 0 ? `${text} ago` : `in ${text}`;
}

/** The clock of this machine, to the ten seconds. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
