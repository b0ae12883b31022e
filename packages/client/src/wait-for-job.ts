import { isFinished } from '@gantry/contract';

import type { JobStatusView } from './api-values.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { RetryPolicy } from './retry-policy.ts';
import { watchJob } from './watch-job.ts';
import { withOwnSignal } from './with-own-signal.ts';

/** How long a job is waited for. */
export type WaitOptions = {
  /** Ends the waiting, which rejects with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Rejects with a `DOMException` named `TimeoutError` when the job has not finished by then. */
  timeoutMs?: number | undefined;
};

/**
 * The job once it has finished, whatever its end; a server that cannot be reached for a while is waited for.
 *
 * @throws {GantryApiError} when the API refuses: not there, not yours, signed out
 */
export function waitForJob(
  connection: Connection,
  o: ConnectionOptions,
  jobId: string,
  options: WaitOptions,
): Promise<JobStatusView> {
  return withOwnSignal(options, async (signal) => {
    const retryPolicy = new RetryPolicy(signal);
    for (;;) {
      const job = await retryPolicy.ask(() => connection.jobs.status.query({ jobId }, { signal }));
      if (isFinished(job.status)) return job;
      for await (const event of watchJob(connection, o, jobId, { signal, afterSeq: job.eventSeq })) {
        if (event.type === 'state' && isFinished(event.data.to)) break;
      }
    }
  });
}
