import { GantryApiError, toApiError } from './api-error.ts';
import { isFinished, type JobEvent } from './api-values.ts';
import type { Connection } from './connection.ts';

/** How a job is watched. */
export type WatchOptions = {
  /** Ends the watch. */
  signal?: AbortSignal | undefined;
  /** The last event that the caller has; 0, the default, for all of them. */
  afterSeq?: number | undefined;
  /** Told when events come, and when they do not for the moment. */
  onConnection?: ((state: 'live' | 'reconnecting') => void) | undefined;
};

const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * A job's events in order, none missing, none twice, as they happen; ends after the last one of a finished job. A lost
 * connection is made again, with a fresh token, and goes on where it ended.
 *
 * @throws {GantryApiError} when the API refuses: not there, not yours, signed out
 */
export async function* watchJob(
  connection: Connection,
  jobId: string,
  { signal, afterSeq = 0, onConnection }: WatchOptions,
): AsyncGenerator<JobEvent, void, undefined> {
  let seq = afterSeq;
  let pauseMs = SHORTEST_PAUSE_MS;
  let refusals = 0;
  for (;;) {
    const stream = openStream(connection, { jobId, afterSeq: seq, onConnection });
    const stop = () => stream.close();
    signal?.addEventListener('abort', stop);
    try {
      for await (const event of stream.events) {
        // What came twice over a broken connection counts once.
        if (event.seq <= seq) continue;
        seq = event.seq;
        pauseMs = SHORTEST_PAUSE_MS;
        refusals = 0;
        yield event;
      }
      if (signal?.aborted) return;
      // The server ends a stream when the job has finished, and also when it stops itself or the token has ended.
      const job = await connection.jobs.status.query({ jobId });
      if (isFinished(job.status) && seq >= job.eventSeq) return;
    } catch (error) {
      if (signal?.aborted) return;
      const known = toApiError(error);
      if (!(known instanceof GantryApiError)) throw known;
      // A token may have ended in between: the next connection asks for a fresh one, once.
      const isWorthTrying =
        known.status === 401 ? refusals++ === 0 : known.status === 0 || known.status >= 500;
      if (!isWorthTrying) throw known;
    } finally {
      signal?.removeEventListener('abort', stop);
      stream.close();
    }
    onConnection?.('reconnecting');
    await pause(pauseMs * (0.5 + Math.random()), signal);
    if (signal?.aborted) return;
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

/** A subscription as an iterable. */
function openStream(
  connection: Connection,
  o: { jobId: string; afterSeq: number; onConnection: WatchOptions['onConnection'] },
): { events: AsyncIterable<JobEvent>; close: () => void } {
  const waiting: JobEvent[] = [];
  let wake = Promise.withResolvers<void>();
  let end: { error: unknown } | 'completed' | null = null;
  const finish = (how: { error: unknown } | 'completed') => {
    end ??= how;
    wake.resolve();
  };
  const subscription = connection.jobs.watch.subscribe(
    { jobId: o.jobId, afterSeq: o.afterSeq },
    {
      onStarted: () => o.onConnection?.('live'),
      onData: ({ data }) => {
        waiting.push(data);
        wake.resolve();
      },
      onConnectionStateChange: ({ state, error }) => {
        if (state !== 'connecting') return;
        o.onConnection?.('reconnecting');
        // The link would ask again for ever, also for what was refused.
        if (error?.data) finish({ error });
      },
      onError: (error) => finish({ error }),
      onComplete: () => finish('completed'),
      onStopped: () => finish('completed'),
    },
  );
  return {
    events: read(),
    close: () => {
      subscription.unsubscribe();
      finish('completed');
    },
  };

  async function* read(): AsyncGenerator<JobEvent> {
    for (;;) {
      const event = waiting.shift();
      if (event) yield event;
      else if (end === 'completed') return;
      else if (end) throw end.error;
      else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}
