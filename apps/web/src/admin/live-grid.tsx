import type { LiveFrame, LiveState, RunningJob } from '@gantry/client';
import { Link } from '@tanstack/react-router';
import { MonitorOff, MonitorPlay } from 'lucide-react';
import { useRef } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { RelativeTime } from '../format/relative-time.tsx';
import { LivePicture } from '../live/live-picture.tsx';
import { PauseButton } from '../live/pause-button.tsx';
import { useIsSeen } from '../live/use-is-seen.ts';
import { useLiveTurn } from '../live/use-live-turn.ts';
import { usePause } from '../live/use-pause.ts';
import { cn } from '../ui/cn.ts';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { type LiveGrid as Grid, useLiveGrid } from './use-live-grid.ts';

/** Every page that is worked on at this moment, small and slow. */
export function LiveGrid() {
  const panel = useRef<HTMLElement>(null);
  const { isPaused, toggle } = usePause();
  const isSeen = useIsSeen(panel);
  const wants = isSeen && !isPaused;
  const hasTurn = useLiveTurn({ isOpen: wants, wants });
  const grid = useLiveGrid(wants && hasTurn);
  return (
    <Panel ref={panel} aria-labelledby="grid-title">
      <PanelHeader id="grid-title" title="Running now">
        <div className="-mr-2 flex items-center gap-3">
          <output className="text-[0.8125rem] text-ink-faint">{statusOf(grid, { isPaused, hasTurn })}</output>
          <PauseButton isPaused={isPaused} onToggle={toggle} />
        </div>
      </PanelHeader>
      <Content grid={grid} isPaused={isPaused} />
    </Panel>
  );
}

function statusOf(
  { jobs, isConnected, error }: Grid,
  { isPaused, hasTurn }: { isPaused: boolean; hasTurn: boolean },
): string {
  if (error) return '';
  if (isPaused) return 'Pictures frozen';
  if (!hasTurn) return 'Other windows are live. Click here to go on';
  if (!isConnected) return jobs ? 'Reconnecting…' : '';
  return '';
}

function Content({ grid, isPaused }: { grid: Grid; isPaused: boolean }) {
  const { jobs, frames, states, error } = grid;
  if (error)
    return (
      <div className="p-4">
        <ErrorPanel error={error} />
      </div>
    );
  if (!jobs && isPaused)
    return (
      <p className="px-4 py-6 text-ink-soft">Press “Resume pictures” to see the page of every running job.</p>
    );
  if (jobs?.length === 0)
    return (
      <p className="flex items-center gap-2.5 px-4 py-6 text-ink-soft">
        <MonitorOff aria-hidden className="size-4 shrink-0 text-ink-faint" />
        Nothing runs at the moment. A page appears here as soon as a job begins.
      </p>
    );
  return (
    <ul className="grid gap-4 p-4 sm:grid-cols-2 lg:grid-cols-4">
      {jobs
        ? jobs.map((job) => (
            <li key={job.jobId} className="min-w-0">
              <Card job={job} frame={frames.get(job.jobId)} state={states.get(job.jobId) ?? 'connecting'} />
            </li>
          ))
        : [1, 2].map((place) => (
            <li key={place}>
              <Skeleton className="aspect-[4/3]" />
            </li>
          ))}
    </ul>
  );
}

function Card({ job, frame, state }: { job: RunningJob; frame: LiveFrame | undefined; state: LiveState }) {
  const name = job.fileName ?? job.serviceName;
  return (
    <div className="group relative grid gap-2">
      <div className="grid aspect-[4/3] place-items-center overflow-hidden rounded-md border border-line bg-sunken group-hover:border-line-strong">
        {frame ? (
          <LivePicture
            frame={frame}
            label={`The page of ${name}`}
            className={cn('size-full', state !== 'live' && 'opacity-60')}
          />
        ) : (
          <span className="grid justify-items-center gap-2 text-[0.8125rem] text-ink-faint">
            <MonitorPlay aria-hidden className="size-6 text-line-strong" />
            Waiting for the page…
          </span>
        )}
      </div>
      <div className="min-w-0 text-[0.8125rem]">
        <Link
          to="/jobs/$jobId"
          params={{ jobId: job.jobId }}
          className="block truncate font-medium group-hover:underline after:absolute after:inset-0 after:rounded-md"
        >
          {name}
        </Link>
        {job.fileName !== null && <p className="truncate text-ink-soft">{job.serviceName}</p>}
        <p className="flex justify-between gap-3 text-ink-faint">
          <span className="truncate">{job.userEmail ?? 'Deleted account'}</span>
          <RelativeTime value={job.startedAt} />
        </p>
      </div>
    </div>
  );
}
