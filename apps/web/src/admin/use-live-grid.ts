import type { LiveFrame, LiveState, RunningJob } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useEffect, useState } from 'react';

/** What the grid shows: the jobs that run, and of each the newest picture. */
export type LiveGrid = {
  /** Null until it is known. */
  jobs: RunningJob[] | null;
  frames: ReadonlyMap<string, LiveFrame>;
  states: ReadonlyMap<string, LiveState>;
  /** Whether it is connected. */
  isConnected: boolean;
  error: Error | null;
};

const UNKNOWN: LiveGrid = {
  jobs: null,
  frames: new Map(),
  states: new Map(),
  isConnected: false,
  error: null,
};

/** What was live is not known to be so until the API says it again. */
const LOST = { isConnected: false, states: new Map<string, LiveState>() };

/** All that runs, as small pictures over one connection, while it is on; then the last ones stay. */
export function useLiveGrid(isOn: boolean): LiveGrid {
  const client = useGantryClient();
  const [grid, setGrid] = useState(UNKNOWN);
  useEffect(() => {
    if (!isOn) return undefined;
    const abort = new AbortController();
    const change = (next: (before: LiveGrid) => Partial<LiveGrid>) => {
      if (!abort.signal.aborted) setGrid((before) => ({ ...before, ...next(before) }));
    };
    const follow = async () => {
      const frames = client.admin.live({
        signal: abort.signal,
        onJobs: (jobs) =>
          change((before) => ({
            jobs,
            isConnected: true,
            frames: onlyOf(jobs, before.frames),
            states: onlyOf(jobs, before.states),
          })),
        onState: (state, jobId) =>
          change(({ states }) => (jobId === null ? LOST : { states: new Map(states).set(jobId, state) })),
      });
      for await (const frame of frames)
        change((before) => ({ frames: new Map(before.frames).set(frame.jobId, frame) }));
    };
    change(() => ({ ...LOST, error: null }));
    follow().catch((error: unknown) =>
      change(() => ({ error: error instanceof Error ? error : new Error(String(error)) })),
    );
    return () => abort.abort();
  }, [client, isOn]);
  return grid;
}

function onlyOf<T>(jobs: RunningJob[], of: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...of].filter(([jobId]) => jobs.some((job) => job.jobId === jobId)));
}
