import type { ConnectionOptions } from '../connection-options.ts';
import { followLive } from './follow-live.ts';
import type { LiveFrame, LiveState, RunningJob } from './live-values.ts';

/** How a running page is looked at. */
export type LiveOptions = {
  /** Ends it. */
  signal?: AbortSignal | undefined;
  /** `full`, the default: up to ten pictures a second of up to 1,280 pixels; `small`: one a second of up to 480. */
  size?: 'full' | 'small' | undefined;
  /** Told whether pictures come, when that changes. */
  onState?: ((state: LiveState) => void) | undefined;
};

/**
 * The page of a job while it is worked on, a picture for each change of it; the first one at once, if there is one. Goes
 * from one attempt to the next, connects again by itself, and ends when the job has finished.
 *
 * @throws {GantryApiError} when the API refuses: not there, not yours, signed out, too many views
 */
export async function* watchLive(
  o: ConnectionOptions,
  jobId: string,
  { signal, size = 'full', onState }: LiveOptions,
): AsyncGenerator<LiveFrame, void, undefined> {
  const path = `/api/queue/live/${encodeURIComponent(jobId)}?size=${size}`;
  for await (const part of followLive(o, path, signal)) {
    if (part.type === 'frame') yield part.frame;
    else if (part.type === 'lost') onState?.('connecting');
    else if (part.type === 'state') {
      onState?.(part.state);
      if (part.state === 'ended') return;
    }
  }
}

/** How all that runs is looked at. */
export type LiveGridOptions = {
  /** Ends it. */
  signal?: AbortSignal | undefined;
  /** Told what runs, when that changes: up to 24 jobs, those that have run longest first. */
  onJobs?: ((jobs: RunningJob[]) => void) | undefined;
  /** Told whether pictures of a job come; without a job, of all of them. */
  onState?: ((state: LiveState, jobId: string | null) => void) | undefined;
};

/**
 * The pages of all jobs that run, small and slow, over one connection; until `signal` is aborted. For admins.
 *
 * @throws {GantryApiError} when the API refuses
 */
export async function* watchLiveGrid(
  o: ConnectionOptions,
  { signal, onJobs, onState }: LiveGridOptions,
): AsyncGenerator<LiveFrame, void, undefined> {
  for await (const part of followLive(o, '/api/admin/live', signal)) {
    if (part.type === 'frame') yield part.frame;
    else if (part.type === 'jobs') onJobs?.(part.jobs);
    else if (part.type === 'state') onState?.(part.state, part.jobId);
    else if (part.type === 'lost') onState?.('connecting', null);
  }
}
