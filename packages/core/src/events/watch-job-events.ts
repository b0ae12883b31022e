import { isFinished, type JobEvent } from '@gantry/contract';
import type { EventHub, ReadEvents } from './event-hub.ts';

/** What a watcher needs. */
export type WatchOptions = {
  hub: EventHub;
  jobId: string;
  /** The last event that the watcher has; 0 for all. */
  afterSeq: number;
  signal: AbortSignal;
  /** Reads as the watcher may see it: at the beginning and now and then, since rights may end. */
  readAsWatcher: ReadEvents;
  /** Reads for everybody who watches this job; what a watcher sees in between. The same function of the same job. */
  read: ReadEvents;
  /** After so long, and no more than twice that, it is read as the watcher again; 25 s by default. */
  recheckMs?: number;
};

const RECHECK_MS = 25_000;

/**
 * Every event of a job after a number, in order, without a gap or a repetition, as it happens. Ends after the last
 * event of a finished job.
 */
export async function* watchJobEvents(o: WatchOptions): AsyncGenerator<JobEvent, void, undefined> {
  let seq = o.afterSeq;
  let isDue = true;
  // A watcher that has left is not read for.
  const readAsWatcher: ReadEvents = async (afterSeq) => (o.signal.aborted ? null : o.readAsWatcher(afterSeq));
  let hint = Promise.withResolvers<void>();
  const wake = () => hint.resolve();
  // Not all of a thousand watchers at the same moment.
  const recheck = setInterval(
    () => {
      isDue = true;
      wake();
    },
    (o.recheckMs ?? RECHECK_MS) * (1 + Math.random()),
  );
  using watch = o.hub.watch(o.jobId, wake);
  o.signal.addEventListener('abort', wake);
  try {
    while (!o.signal.aborted) {
      // A hint that comes while the table is read counts for the next round.
      hint = Promise.withResolvers<void>();
      const isOwn = isDue;
      isDue = false;
      const found = isOwn ? await watch.read(seq, readAsWatcher) : await watch.share(seq, o.read);
      if (!found) return;
      for (const event of found.events) {
        seq = event.seq;
        yield event;
      }
      if (seq < found.job.eventSeq && found.events.length > 0) continue;
      if (isFinished(found.job.status) && seq >= found.job.eventSeq) return;
      watch.standAt(seq);
      await hint.promise;
    }
  } finally {
    clearInterval(recheck);
    o.signal.removeEventListener('abort', wake);
  }
}
