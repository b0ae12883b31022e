import {
  cancelJob,
  cancelJobs,
  expireJobs,
  listJobs,
  listWorkers,
  rescueJobs,
  retryJob,
  retryJobs,
  selectCancellable,
  selectFailed,
  sweepStorage,
  withUser,
} from '@gantry/core';
import { z } from 'zod';
import { addEstimate, readJob } from '../jobs/read-job.ts';
import { adminJobFilter, anyId, listOptions, selection } from '../procedures/inputs.ts';
import { adminProcedure } from '../procedures/trpc.ts';
import { adminQueueRoutes } from '../queues/admin-queue-routes.ts';
import { adminSchedules } from '../schedules/schedule-routes.ts';

const jobInput = z.strictObject({ jobId: anyId });
const selected = z.strictObject(adminJobFilter);

/** `admin.*`: the console. */
export const adminRoutes = {
  /** Everybody's jobs, newest first. */
  jobs: adminProcedure
    .input(z.strictObject({ ...listOptions, ...adminJobFilter }))
    .query(({ ctx, input }) => withUser(ctx.deps.pool, ctx.caller.claims, (db) => listJobs(db, input))),

  workers: adminProcedure.query(({ ctx }) => listWorkers(ctx.deps.pool)),

  cancel: adminProcedure.input(jobInput).mutation(async ({ ctx, input }) => {
    await cancelJob(ctx.deps.pool, {
      ...input,
      reason: 'cancelled_by_admin',
      resultTtlMs: ctx.deps.config.resultTtlMs,
    });
    return addEstimate(ctx, await readJob(ctx, input.jobId));
  }),

  retry: adminProcedure.input(jobInput).mutation(async ({ ctx, input }) => {
    await retryJob(ctx.deps.pool, { ...input, reason: 'retried_by_admin' });
    return addEstimate(ctx, await readJob(ctx, input.jobId));
  }),

  /** How many of everybody's jobs a filter selects that can be cancelled, and the word to cancel these by. */
  countCancellable: adminProcedure
    .input(selected)
    .query(({ ctx, input }) => selectCancellable(ctx.deps.pool, input)),

  /** Cancels those that were counted. */
  cancelMany: adminProcedure.input(selected.extend({ selection })).mutation(async ({ ctx, input }) => ({
    cancelled: await cancelJobs(ctx.deps.pool, {
      filter: input,
      reason: 'cancelled_by_admin',
      resultTtlMs: ctx.deps.config.resultTtlMs,
    }),
  })),

  /** How many of everybody's jobs a filter selects that failed, and the word to retry these by. */
  countFailed: adminProcedure.input(selected).query(({ ctx, input }) => selectFailed(ctx.deps.pool, input)),

  /** Retries those that were counted, oldest first. */
  retryMany: adminProcedure.input(selected.extend({ selection })).mutation(async ({ ctx, input }) => ({
    retried: await retryJobs(ctx.deps.pool, { filter: input, reason: 'retried_by_admin' }),
  })),

  /** Deletes expired jobs and orphaned files, and rescues the jobs of dead workers. Returns the counts. */
  cleanup: adminProcedure.mutation(async ({ ctx: { deps } }) => {
    const rescued = await rescueJobs(deps.pool, { resultTtlMs: deps.config.resultTtlMs });
    const expired = await expireJobs(deps.pool, deps.storage);
    const swept = await sweepStorage(deps.pool, deps.storage);
    return {
      rescuedJobs: rescued.length,
      expiredJobs: expired.jobs,
      deletedFiles: expired.files + swept.files,
      deletedUploads: swept.uploads,
    };
  }),

  queues: adminQueueRoutes,

  schedules: adminSchedules,
};
