import {
  GantryApiError,
  type GantryClient,
  isFinished,
  type JobEvent,
  type JobStatusView,
} from '@gantry/client';

import { isTabShown, onTabHidden } from './tab-visibility.ts';

/** Place and wait of a pending job change without an event of its own, and a failed one may be retried elsewhere. */
const REFRESH_MS = 5_000;
/** Often enough for the title of a tab to tell of the end. */
const HIDDEN_REFRESH_MS = 10_000;
const RETRY_MS = 3_000;
/** Who goes through their tabs does not make each of them connect anew. */
const HIDDEN_AFTER_MS = 3_000;

/** A follower of a job. */
export type JobFollower = {
  /** Ends it. */
  signal: AbortSignal;
  onJob: (job: JobStatusView) => void;
  /** Told of each event once, in order. */
  onEvent: (event: JobEvent) => void;
  /** Called before a snapshot is read that knows more than the events so far. */
  onMilestone: () => void;
  onConnection: (connection: 'live' | 'reconnecting') => void;
  /** Told what went wrong, and whether it is tried again. */
  onError: (error: Error, mayPass: boolean) => void;
  /** Sends `look` when the job may have changed without an event: this page changed it. */
  hints: EventTarget;
};

/**
 * Follows a job to its end, and on if it is retried. A browser has six connections to a host and a stream keeps one of
 * them: a tab that is hidden has none, polls the state of the job, and resumes when it is shown again.
 */
export async function followJob(client: GantryClient, jobId: string, to: JobFollower): Promise<void> {
  const { signal } = to;
  let afterSeq = 0;
  let isPending = false;
  const read = async () => {
    const job = await client.jobs.status(jobId);
    isPending = job.status === 'pending';
    if (!signal.aborted) to.onJob(job);
    return job;
  };
  const watch = async () => {
    const hidden = new AbortController();
    const ended = new AbortController();
    onTabHidden(HIDDEN_AFTER_MS, AbortSignal.any([signal, ended.signal]), () => hidden.abort());
    const refresh = setInterval(() => {
      // A refusal appears in the watch, which also reports lost connections.
      if (isPending) read().catch(() => {});
    }, REFRESH_MS);
    try {
      const events = client.jobs.watch(jobId, {
        signal: AbortSignal.any([signal, hidden.signal]),
        afterSeq,
        onConnection: to.onConnection,
      });
      for await (const event of events) {
        afterSeq = event.seq;
        to.onEvent(event);
        if (event.type !== 'state') continue;
        isPending = event.data.to === 'pending';
        // The snapshot has what events do not tell: when it expires, how many attempts were used.
        if (isPending || isFinished(event.data.to)) {
          to.onMilestone();
          await read();
        }
      }
    } finally {
      clearInterval(refresh);
      ended.abort();
      to.onConnection('reconnecting');
    }
  };
  while (!signal.aborted) {
    try {
      const job = await read();
      const isOver = isFinished(job.status);
      const hasAll = isOver && afterSeq >= job.eventSeq;
      // A failed job may be retried, here or elsewhere; the other ends are for good.
      if (hasAll && job.status !== 'failed') return;
      if (isTabShown() && !hasAll) await watch();
      else await untilWorthALook(to, isTabShown() ? REFRESH_MS : isOver ? null : HIDDEN_REFRESH_MS);
    } catch (error) {
      if (signal.aborted) return;
      const mayPass = isPassing(error);
      to.onError(error instanceof Error ? error : new Error(String(error)), mayPass);
      if (!mayPass) return;
      await untilWorthALook(to, isTabShown() ? RETRY_MS : HIDDEN_REFRESH_MS);
    }
  }
}

/** Whether it is the connection, the server, or too much at once, and not the request. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof GantryApiError && (error.status === 0 || error.status === 429 || error.status >= 500)
  );
}

/** Waits for a while (null: without end), or until the tab is shown, the browser is online again or there is a hint. */
function untilWorthALook({ signal, hints }: JobFollower, ms: number | null): Promise<void> {
  return new Promise((resolve) => {
    const waited = new AbortController();
    const done = () => {
      clearTimeout(timer);
      waited.abort();
      resolve();
    };
    const timer = ms === null ? undefined : setTimeout(done, ms);
    const until = { signal: waited.signal };
    document.addEventListener('visibilitychange', () => isTabShown() && done(), until);
    window.addEventListener('online', done, until);
    hints.addEventListener('look', done, until);
    signal.addEventListener('abort', done, until);
    if (signal.aborted) done();
  });
}
