import { memo } from 'react';

import { cn } from '../ui/cn.ts';
import { formatClock } from './format-clock.ts';
import type { TraceLine } from './read-trace.ts';

const SHOWN = 5;
const TONES: Record<string, string> = { error: 'text-bad', warn: 'text-warn', warning: 'text-warn' };

/** What the log and the consoles said last, as the subtitles of a run. */
export const ReplayLines = memo(function ReplayLines({
  lines,
  upTo,
}: {
  lines: readonly TraceLine[];
  /** The last line that was said by now; -1 for none. */
  upTo: number;
}) {
  if (lines.length === 0) return null;
  const said = lines.slice(Math.max(0, upTo + 1 - SHOWN), upTo + 1);
  return (
    <section aria-label="Log and console" className="rounded-md border border-line bg-sunken px-3 py-2">
      {said.length === 0 ? (
        <p className="text-[0.8125rem] text-ink-faint">Nothing was said yet.</p>
      ) : (
        <ol className="grid gap-1 text-xs">
          {said.map((line) => (
            <li key={line.number} className="grid grid-cols-[3.25rem_3.5rem_minmax(0,1fr)] gap-2">
              <span className="tabular text-ink-faint">{formatClock(line.atMs)}</span>
              <span className="text-ink-faint">{line.type === 'log' ? 'Log' : 'Console'}</span>
              <span
                className={cn('line-clamp-3 font-mono break-words', TONES[line.level] ?? 'text-ink-soft')}
              >
                {line.message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
});
