import { useGantryClient } from '@gantry/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { explainError } from '../errors/explain-error.ts';

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The next times of a rule, on the clocks of its zone and, where they differ, on the reader's. */
export function NextTimes({ cron, timeZone }: { cron: string; timeZone: string }) {
  const client = useGantryClient();
  const { data, error } = useQuery({
    queryKey: ['gantry', 'schedule-preview', cron, timeZone],
    queryFn: () => client.schedules.preview(cron, timeZone),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <output className="block text-[0.8125rem]">
      {error && <span className="text-bad">{explainError(error).message}</span>}
      {!error && data && (
        <>
          <span className="font-medium">Next times</span>
          <ul className="mt-1 grid gap-0.5 text-ink-soft">
            {data.times.map((time) => (
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
