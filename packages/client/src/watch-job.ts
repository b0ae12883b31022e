import { isFinished } from '@gantry/contract';
import { GantryApiError } from './api-error.ts';

import type { JobEvent } from './api-values.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { openEventStream } from './event-stream.ts';
import { RetryPolicy } from './retry-policy.ts';
import { withApiErrors } from './with-api-errors.ts';

/** How a job is watched. */
export type WatchOptions = {
  /** Ends the watch. */
  signal?: AbortSignal | undefined;
  /** The last event that the caller has; 0, the default, for all of them. */
  afterSeq?: number | undefined;
  /** Told when events come, and when they do not for the moment. */
  onConnection?: ((state: 'live' | 'reconnecting') => void) | undefined;
};

/**
 * A job's events in order, none missing, none twice, as they happen; ends after the last one of a finished job. A lost
 * connection is made again, with a fresh token, and continues where it ended.
 *
 * @throws {GantryApiError} when the API refuses: not there, not yours, signed out
 */
export async function* watchJob(
  connection: Connection,
  o: ConnectionOptions,
  jobId: string,
  { signal, afterSeq = 0, onConnection }: WatchOptions,
): AsyncGenerator<JobEvent, void, undefined> {
  const retryPolicy = new RetryPolicy(signal);
  let seq = afterSeq;
  const isOver = async () => {
    const job = await connection.jobs.status.query({ jobId }, signal ? { signal } : {});
    return isFinished(job.status) && seq >= job.eventSeq;
  };
  for (;;) {
    if (signal?.aborted) return;
    let hasStarted = false;
    const stream = openEventStream(o, { jobId, afterSeq: seq }, () => {
      hasStarted = true;
      onConnection?.('live');
    });
    signal?.addEventListener('abort', stream.close);
    try {
      for await (const event of stream.events) {
        // What came twice over a broken connection counts once.
        if (event.seq <= seq) continue;
        seq = event.seq;
        yield event;
      }
      // The server ends a stream when the job has finished, and also when it stops itself or the token has ended.
      if (signal?.aborted || (await withApiErrors(isOver, signal))) return;
      retryPolicy.succeed();
    } catch (error) {
      if (signal?.aborted) return;
      // Also a refusal comes on a stream that has started; but a stream that has started and is lost was no refusal.
      if (hasStarted && isLost(error)) retryPolicy.succeed();
      retryPolicy.check(error);
    } finally {
      signal?.removeEventListener('abort', stream.close);
      stream.close();
    }
    onConnection?.('reconnecting');
    await retryPolicy.pause();
  }
}

function isLost(error: unknown): boolean {
  return error instanceof GantryApiError && error.status === 0;
}
