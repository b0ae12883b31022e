import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { followJob } from './follow-job.ts';
import { FrameBatch } from './frame-batch.ts';
import { useGantryClient } from './gantry-provider.tsx';
import { type LiveJob, reduceJobEvents, UNKNOWN_JOB } from './live-job.ts';

/**
 * A job, live: its state, rows, log and files as they come. Goes on by itself when the server can be reached again, and
 * when a failed job is retried. While the tab is hidden only the state is read, now and then; the rest follows when it is
 * shown.
 */
export function useJob(jobId: string): LiveJob {
  const client = useGantryClient();
  const queries = useQueryClient();
  const [shown, setShown] = useState({ jobId, live: UNKNOWN_JOB });
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const apply = (change: (live: LiveJob) => LiveJob) => {
      if (!signal.aborted)
        setShown((before) => ({ jobId, live: change(before.jobId === jobId ? before.live : UNKNOWN_JOB) }));
    };
    const batch = new FrameBatch((events) => apply((live) => reduceJobEvents(live, events)), signal);
    const hints = new EventTarget();
    const unsubscribe = queries.getMutationCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'success') hints.dispatchEvent(new Event('look'));
    });
    void followJob(client, jobId, {
      signal,
      hints,
      onJob: (job) =>
        apply((live) => ({
          ...live,
          job: live.job && live.job.eventSeq > job.eventSeq ? live.job : job,
          error: null,
        })),
      onEvent: (event) => batch.add(event),
      onMilestone: () => batch.flush(),
      onConnection: (connection) =>
        apply((live) => ({ ...live, connection: navigator.onLine ? connection : 'offline' })),
      onError: (error, mayPass) =>
        apply((live) => ({ ...live, error, connection: mayPass ? 'offline' : live.connection })),
    });
    return () => {
      unsubscribe();
      abort.abort();
      setShown({ jobId, live: UNKNOWN_JOB });
    };
  }, [client, queries, jobId]);
  return shown.jobId === jobId ? shown.live : UNKNOWN_JOB;
}
