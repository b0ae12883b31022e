import type { Job, JobWithEstimate } from '@gantry/contract';
import { estimateWait, getJob, withUser } from '@gantry/core';
import { jobNotFound } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';

/** Reads a job as the caller: their own, or any for an admin. @throws {ApiError} JOB_NOT_FOUND */
export async function readJob({ deps, caller }: UserContext, jobId: string): Promise<Job> {
  const job = await withUser(deps.pool, caller.claims, (db) => getJob(db, jobId));
  if (!job) throw jobNotFound();
  return job;
}

/** Adds the job's position in its queue. */
export async function addEstimate({ deps }: UserContext, job: Job): Promise<JobWithEstimate> {
  return { ...job, ...(await estimateWait(deps.pool, job.id)) };
}
