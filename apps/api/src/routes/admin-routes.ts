import {
  cancelJob,
  expireJobs,
  listJobs,
  listWorkers,
  rescueJobs,
  retryJob,
  sweepStorage,
  withUser,
} from '@gantry/core';
import { z } from 'zod';

import { adminProcedure } from '../trpc.ts';
import { adminQueueRoutes } from './admin-queue-routes.ts';
import { listOptions, status } from './inputs.ts';
import { addEstimate, readJob } from './read-job.ts';

const jobInput = z.strictObject({ jobId: z.uuid() });

/** `admin.*`: the console. */
export const adminRoutes = {
  /** Everybody's jobs, newest first. */
  jobs: adminProcedure
    .input(
      z.strictObject({
        ...listOptions,
        status: status.optional(),
        serviceId: z.string().max(63).optional(),
        userId: z.uuid().optional(),
        search: z.string().max(200).optional(),
      }),
    )
    .query(({ ctx, input }) => withUser(ctx.deps.pool, ctx.caller.claims, (db) => listJobs(db, input))),

  workers: adminProcedure.query(({ ctx }) => listWorkers(ctx.deps.pool)),

  cancel: adminProcedure.input(jobInput).mutation(async ({ ctx, input }) => {
    await cancelJob(ctx.deps.pool, {
      ...input,
      reason: 'cancelled by admin',
      resultTtlMs: ctx.deps.config.resultTtlMs,
    });
    return addEstimate(ctx, await readJob(ctx, input.jobId));
  }),

  retry: adminProcedure.input(jobInput).mutation(async ({ ctx, input }) => {
    await retryJob(ctx.deps.pool, { ...input, reason: 'retried by admin' });
    return addEstimate(ctx, await readJob(ctx, input.jobId));
  }),

  /** Deletes what has expired and what nobody owns, and rescues the jobs of dead workers; says how much. */
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
};
