import { indexAt } from './index-at.ts';
import { markText } from './mark-text.ts';
import type { Trace } from './read-trace.ts';
import { ReplayControls } from './replay-controls.tsx';
import { ReplayLines } from './replay-lines.tsx';
import { ReplayMarks } from './replay-marks.tsx';
import { ReplayPicture } from './replay-picture.tsx';
import { usePlayback } from './use-playback.ts';

/** Plays a run back: what the browser showed, with the steps and rows that belong to it and what was said meanwhile. */
export function ReplayPlayer({ trace }: { trace: Trace }) {
  const playback = usePlayback(trace.durationMs);
  const { atMs, seek } = playback;
  const markIndex = indexAt(trace.marks, atMs);
  const mark = trace.marks[markIndex];
  const caption = mark ? markText(mark) : 'The run begins';
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_15rem]">
      <section aria-label="Player" className="grid min-w-0 content-start gap-3">
        <ReplayPicture frame={trace.frames[Math.max(0, indexAt(trace.frames, atMs))]} caption={caption} />
        <ReplayControls trace={trace} playback={playback} markIndex={markIndex} caption={caption} />
        <ReplayLines lines={trace.lines} upTo={indexAt(trace.lines, atMs)} />
      </section>
      <ReplayMarks marks={trace.marks} current={markIndex} onSeek={seek} />
    </div>
  );
}
