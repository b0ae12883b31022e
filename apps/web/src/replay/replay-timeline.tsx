import { memo } from 'react';

import { cn } from '../ui/cn.ts';
import { formatClock } from './format-clock.ts';
import { isProblem } from './mark-text.ts';
import type { TraceMark } from './read-trace.ts';

/** More would be drawn over each other. */
const MAX_TICKS = 400;
const ARROW_MS = 1_000;

/** The length of a run with its marks; a slider, so that arrows, Page Up and Home work as everywhere. */
export function ReplayTimeline({
  marks,
  durationMs,
  atMs,
  caption,
  onSeek,
  onToggle,
}: {
  marks: readonly TraceMark[];
  durationMs: number;
  atMs: number;
  caption: string;
  onSeek: (atMs: number) => void;
  onToggle: () => void;
}) {
  return (
    <div className="relative">
      <Ticks marks={marks} durationMs={durationMs} />
      <input
        type="range"
        aria-label="Position"
        aria-valuetext={`${formatClock(atMs)} of ${formatClock(durationMs)}, ${caption}`}
        min={0}
        max={durationMs}
        step="any"
        value={atMs}
        onChange={(event) => onSeek(event.target.valueAsNumber)}
        onKeyDown={(event) => {
          const action = event.key === ' ' ? onToggle : moveOf(event.key, atMs, onSeek);
          if (!action) return;
          event.preventDefault();
          action();
        }}
        className="block h-6 w-full accent-accent"
      />
    </div>
  );
}

/** With the arrows a second each way; the browser's own step would be a hundredth of the run, however long. */
function moveOf(key: string, atMs: number, onSeek: (atMs: number) => void): (() => void) | null {
  if (key === 'ArrowLeft' || key === 'ArrowDown') return () => onSeek(atMs - ARROW_MS);
  if (key === 'ArrowRight' || key === 'ArrowUp') return () => onSeek(atMs + ARROW_MS);
  return null;
}

const Ticks = memo(function Ticks({
  marks,
  durationMs,
}: {
  marks: readonly TraceMark[];
  durationMs: number;
}) {
  const every = Math.ceil(marks.length / MAX_TICKS);
  const shown = marks.filter((mark, index) => index % every === 0 || isProblem(mark)).slice(0, 2 * MAX_TICKS);
  return (
    // As wide as the way of the slider's thumb, which is 16 pixels wide.
    <div aria-hidden className="relative mx-2 h-2.5">
      {shown.map((mark) => (
        <span
          key={`${mark.type} ${mark.atMs} ${mark.type === 'row' ? mark.index : mark.name}`}
          className={cn(
            'absolute bottom-0 w-0.5 -translate-x-1/2 rounded-full',
            mark.type === 'step'
              ? 'h-1.5 bg-line-strong'
              : isProblem(mark)
                ? 'h-2.5 bg-bad'
                : 'h-2.5 bg-good',
          )}
          style={{ left: `${(mark.atMs / Math.max(1, durationMs)) * 100}%` }}
        />
      ))}
    </div>
  );
});
