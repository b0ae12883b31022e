import { RetryButton } from '../errors/retry-button.tsx';
import { Notice } from '../ui/notice.tsx';

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The next times of a rule, on the clocks of its zone and, where they differ, on the reader's; nothing for null. */
export function NextTimes({ times, timeZone }: { times: readonly string[] | null; timeZone: string }) {
  return (
    <output className="block text-[0.8125rem]">
      {times && (
        <>
          <span className="font-medium">Next times</span>
          <ul className="mt-1 grid gap-0.5 text-ink-soft">
            {times.map((time) => (
              <li key={time} className="tabular">
                {show(time, timeZone)}
                {timeZone !== OWN_ZONE && (
                  <span className="text-ink-faint"> (here: {show(time, OWN_ZONE)})</span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </output>
  );
}

/** Stands where the next times would when they could not be asked for. */
export function NoNextTimes({ why, onRetry }: { why: string | undefined; onRetry: () => void }) {
  return (
    <Notice
      tone="warn"
      title="The next times cannot be shown"
      isAlert
      action={<RetryButton onRetry={onRetry} />}
    >
      {why}
    </Notice>
  );
}

function show(time: string, timeZone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(time));
}
