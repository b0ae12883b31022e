import type { Attempt } from '@gantry/client';

import { count } from '../../format/count.ts';
import { formatBytes } from '../../format/format-bytes.ts';
import { formatDuration } from '../../format/format-duration.ts';

type Browser = NonNullable<Attempt['browser']>;
type Figure = { label: string; value: string; detail?: string };

/** What an attempt and its browser took, each figure with its name. */
export function AttemptFigures({ attempt }: { attempt: Attempt }) {
  return (
    <dl className="tabular grid grid-cols-2 gap-x-4 gap-y-2 rounded-md bg-sunken px-3 py-2.5 text-[0.8125rem] sm:grid-cols-4">
      {figuresOf(attempt).map(({ label, value, detail }) => (
        <div key={label} className="min-w-0">
          <dt className="text-ink-soft">{label}</dt>
          <dd>
            {value}
            {detail !== undefined && <span className="text-ink-soft">, {detail}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function figuresOf({ runMs, browser }: Attempt): Figure[] {
  const run = { label: 'Run', value: formatDuration(runMs) };
  if (!browser) return [run];
  const { isWarm, launchMs, handOverMs, closeMs } = browser;
  return [
    run,
    {
      label: 'Launch',
      value: formatDuration(launchMs),
      ...(isWarm && { detail: 'ahead' }),
    },
    { label: 'Hand-over', value: formatDuration(handOverMs) },
    { label: 'Close', value: formatDuration(closeMs) },
    ...treeFigures(browser),
    ...trafficFigures(browser),
  ];
}

function treeFigures({ peakMemoryBytes, cpuMs }: Browser): Figure[] {
  if (peakMemoryBytes === null || cpuMs === null) return [];
  return [
    { label: 'Peak memory', value: formatBytes(peakMemoryBytes) },
    { label: 'CPU', value: formatDuration(cpuMs) },
  ];
}

function trafficFigures({ bytesReceived, bytesSent, requests }: Browser): Figure[] {
  if (bytesReceived === null || bytesSent === null || requests === null) return [];
  return [
    { label: 'Received', value: formatBytes(bytesReceived), detail: count(requests, 'request') },
    { label: 'Sent', value: formatBytes(bytesSent) },
  ];
}
