import { Batcher } from '../batcher.ts';
import type { Db } from '../db/run-query.ts';
import { LeaseLostError } from '../errors.ts';
import { type Completion, completeJobs } from './finish-attempt.ts';

const MAX_BATCH = 100;

/**
 * Completes jobs for a process that runs many: attempts that end at the same time share a statement and a commit. Each is
 * stored when its promise resolves. The promise rejects with {@link LeaseLostError} when the attempt no longer holds its
 * job, whatever becomes of the others.
 *
 * @param o.resultTtlMs how long the results are kept, in milliseconds
 */
export function createCompleter(
  db: Db,
  o: { resultTtlMs: number },
): (completion: Completion) => Promise<void> {
  const batcher = new Batcher<Completion, 'completed'>({
    async run(completions) {
      const lost = await completeJobs(db, completions, o);
      return completions.map(({ jobId, attempt }) =>
        lost.some((one) => one.jobId === jobId && one.attempt === attempt)
          ? new LeaseLostError()
          : 'completed',
      );
    },
    maxSize: MAX_BATCH,
  });
  return async (completion) => void (await batcher.add(completion));
}
