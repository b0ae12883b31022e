import { isFinished, type Job } from '../job.ts';
import type { JobEvent } from '../job-event.ts';
import type { EventHub } from './event-hub.ts';

/** What a watcher needs. */
export type WatchOptions = {
  hub: EventHub;
  jobId: string;
  /** The last event that the watcher has; 0 for all. */
  afterSeq: number;
  signal: AbortSignal;
  /** The net under the hints. */
  pollIntervalMs: number;
  /** Reads the job and its next events, as the watcher may see them. Null ends the watch: the job is gone. */
  read: (afterSeq: number) => Promise<{ job: Job; events: JobEvent[] } | null>;
};

/**
 * Every event of a job after a number, in order, without a gap or a repetition, as it happens. Ends after the last
 * event of a finished job.
 */
export async function* watchJobEvents(o: WatchOptions): AsyncGenerator<JobEvent, void, undefined> {
  let seq = o.afterSeq;
  let hint = Promise.withResolvers<void>();
  const wake = () => hint.resolve();
  const unwatch = o.hub.watch(o.jobId, wake);
  o.signal.addEventListener('abort', wake);
  const poll = setInterval(wake, o.pollIntervalMs);
  try {
    while (!o.signal.aborted) {
      // A hint that comes while the table is read counts for the next round.
      hint = Promise.withResolvers<void>();
      const found = await o.read(seq);
      if (!found) return;
      for (const event of found.events) {
        seq = event.seq;
        yield event;
      }
      if (seq < found.job.eventSeq && found.events.length > 0) continue;
      if (isFinished(found.job.status) && seq >= found.job.eventSeq) return;
      await hint.promise;
    }
  } finally {
    clearInterval(poll);
    o.signal.removeEventListener('abort', wake);
    unwatch();
  }
}
