import { estimateWait, getJob, isUserAdmin, type Job, type JobWithEstimate, withUser } from '@gantry/core';

import type { UserContext } from '../context.ts';
import { jobNotFound } from '../errors/api-error.ts';

/** Reads a job as the caller: their own, or any for an admin. @throws {ApiError} JOB_NOT_FOUND */
export async function readJob(ctx: UserContext, jobId: string): Promise<Job> {
  const job = await withUser(ctx.deps.pool, ctx.caller.claims, (db) => getJob(db, jobId));
  if (!job || !(await maySee(ctx, job))) throw jobNotFound();
  return job;
}

/**
 * Whether the caller may see a job that the policies showed: they believe the token, but that somebody is no admin any
 * more, only the database knows.
 */
export async function maySee({ deps, caller }: UserContext, job: Job): Promise<boolean> {
  return job.userId === caller.userId || (await isUserAdmin(deps.pool, caller.userId));
}

/** Adds where the job stands in its queue. */
export async function addEstimate({ deps }: UserContext, job: Job): Promise<JobWithEstimate> {
  return { ...job, ...(await estimateWait(deps.pool, job.id)) };
}
