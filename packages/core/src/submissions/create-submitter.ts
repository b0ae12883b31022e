import { Batcher } from '../batcher.ts';
import type { Db } from '../db/run-query.ts';
import { type NewJob, type SubmitOptions, type Submitted, submitJobs } from './submit-job.ts';

const MAX_BATCH = 100;

/**
 * A `submitJob` for a process in which many submit at the same time: their jobs share statements and commits. Each is
 * stored when its promise resolves, and refused for itself.
 */
export function createSubmitter(db: Db, o: SubmitOptions = {}): (job: NewJob) => Promise<Submitted> {
  const batcher = new Batcher<NewJob, Submitted>({
    run: (jobs) => submitJobs(db, jobs, o),
    maxSize: MAX_BATCH,
  });
  return (job) => batcher.add(job);
}
