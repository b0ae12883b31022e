import type { Attempt } from '@gantry/client';
import { Cpu, Globe, MemoryStick, Timer, Zap } from 'lucide-react';
import type { ComponentType } from 'react';

import { formatBytes } from '../format/format-bytes.ts';
import { formatDuration } from '../format/format-duration.ts';

type Browser = NonNullable<Attempt['browser']>;
type Figure = { icon: ComponentType<{ className?: string }>; label: string; value: string; hint: string };

/** What an attempt and its browser took, in one line. */
export function AttemptFigures({ attempt }: { attempt: Attempt }) {
  return (
    <dl className="tabular flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem] text-ink-faint">
      {figuresOf(attempt).map(({ icon: Icon, label, value, hint }) => (
        <div key={label} className="flex items-center gap-1.5" title={hint}>
          <dt>
            <Icon className="size-3.5" aria-hidden="true" />
            <span className="sr-only">{label}</span>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function figuresOf({ runMs, browser }: Attempt): Figure[] {
  const run = { icon: Timer, label: 'Time', value: formatDuration(runMs), hint: 'How long the attempt ran' };
  if (!browser) return [run];
  const { isSpare, launchMs, handOverMs, closeMs } = browser;
  const launched = isSpare ? 'Launched ahead' : 'Launched for this attempt';
  const opened = {
    icon: Zap,
    label: 'Browser',
    value: `browser in ${formatDuration(handOverMs)}`,
    hint: `${launched} in ${formatDuration(launchMs)}, gone ${formatDuration(closeMs)} after the end`,
  };
  return [run, opened, ...treeFigures(browser), ...trafficFigures(browser)];
}

function treeFigures({ peakMemoryBytes, cpuMs }: Browser): Figure[] {
  if (peakMemoryBytes === null || cpuMs === null) return [];
  return [
    {
      icon: MemoryStick,
      label: 'Memory',
      value: formatBytes(peakMemoryBytes),
      hint: 'The most memory that the browser used at one time',
    },
    {
      icon: Cpu,
      label: 'Processor',
      value: `${formatDuration(cpuMs)} CPU`,
      hint: 'Time of one core that the browser used',
    },
  ];
}

function trafficFigures({ bytesReceived, bytesSent, requests }: Browser): Figure[] {
  if (bytesReceived === null || bytesSent === null || requests === null) return [];
  const asked = `${requests.toLocaleString('en')} ${requests === 1 ? 'request' : 'requests'}`;
  return [
    {
      icon: Globe,
      label: 'Network',
      value: `${formatBytes(bytesReceived)} in ${asked}`,
      hint: `Received; ${formatBytes(bytesSent)} sent. A secure connection counts as one request`,
    },
  ];
}
