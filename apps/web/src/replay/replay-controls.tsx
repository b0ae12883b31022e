import { Pause, Play, SkipBack, SkipForward } from 'lucide-react';

import { Button } from '../ui/button.tsx';
import { formatClock } from './format-clock.ts';
import type { Trace } from './read-trace.ts';
import { ReplayTimeline } from './replay-timeline.tsx';
import type { Playback } from './use-playback.ts';

const SPEEDS = [1, 2, 4, 8];
/** Asked to go back soon after a mark, people mean the one before. */
const SOON_MS = 800;

/** Play and pause, from mark to mark, and anywhere. */
export function ReplayControls({
  trace: { marks, durationMs },
  playback: { atMs, isPlaying, speed, toggle, seek, setSpeed },
  markIndex,
  caption,
}: {
  trace: Trace;
  playback: Playback;
  markIndex: number;
  caption: string;
}) {
  const here = marks[markIndex];
  const isJustBegun = here && atMs - here.atMs < SOON_MS;
  const before = marks.findLast(({ atMs: at }) => here && (isJustBegun ? at < here.atMs : at <= here.atMs));
  const after = marks[markIndex + 1];
  return (
    <div className="grid gap-2">
      <ReplayTimeline
        marks={marks}
        durationMs={durationMs}
        atMs={atMs}
        caption={caption}
        onSeek={seek}
        onToggle={toggle}
      />
      <div className="flex flex-wrap items-center gap-1.5">
        <Button look="quiet" size="icon" aria-label="Previous mark" onClick={() => seek(before?.atMs ?? 0)}>
          <SkipBack aria-hidden />
        </Button>
        <Button look="primary" size="icon" aria-label={isPlaying ? 'Pause' : 'Play'} onClick={toggle}>
          {isPlaying ? <Pause aria-hidden /> : <Play aria-hidden />}
        </Button>
        <Button
          look="quiet"
          size="icon"
          aria-label="Next mark"
          onClick={() => seek(after?.atMs ?? durationMs)}
        >
          <SkipForward aria-hidden />
        </Button>
        <span className="tabular ml-1 text-[0.8125rem] text-ink-soft">
          {formatClock(atMs)} / {formatClock(durationMs)}
        </span>
        <fieldset className="ml-auto flex gap-1">
          <legend className="sr-only">Speed</legend>
          {SPEEDS.map((each) => (
            <Button
              key={each}
              look="quiet"
              size="small"
              aria-pressed={each === speed}
              className="tabular min-w-9 aria-pressed:bg-hover aria-pressed:text-ink"
              onClick={() => setSpeed(each)}
            >
              {each}×
            </Button>
          ))}
        </fieldset>
      </div>
    </div>
  );
}
