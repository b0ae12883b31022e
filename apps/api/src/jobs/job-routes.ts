import {
  cancelJob,
  cancelJobs,
  deleteJob,
  getJobDependencies,
  getJobEvents,
  getJobInput,
  getJobResults,
  listAttempts,
  listJobs,
  retryJob,
  selectCancellable,
  withUser,
} from '@gantry/core';
import { tracked } from '@trpc/server';
import { z } from 'zod';

import { jobNotFound } from '../errors/api-error.ts';
import { anyId, jobFilter, listOptions, selection, watched } from '../procedures/inputs.ts';
import { userProcedure } from '../procedures/trpc.ts';
import { rerunChange, submission, submissionList } from '../submissions/submission.ts';
import { submitJson } from '../submissions/submit-json.ts';
import { submitMany } from '../submissions/submit-many.ts';
import { addEstimate, readJob } from './read-job.ts';
import { rerunJob } from './rerun.ts';
import { toResultsJson } from './results-json.ts';
import { watchJob } from './watch-job.ts';

const jobInput = z.strictObject({ jobId: anyId });

/** `jobs.*`: what people do with their own jobs. */
export const jobRoutes = {
  /** Submits a job without a file, or with one that was uploaded before. */
  submit: userProcedure.input(submission).mutation(({ ctx, input }) => submitJson(ctx, input)),

  /** Submits up to 1,000 such jobs, each for itself. One may run after another of the list. */
  submitMany: userProcedure.input(submissionList).mutation(({ ctx, input }) => submitMany(ctx, input.jobs)),

  /** Submits a finished job once more; what is not changed stays as it was, also the file. */
  rerun: userProcedure
    .input(z.strictObject({ jobId: anyId, ...rerunChange }))
    .mutation(({ ctx, input: { jobId, ...change } }) => rerunJob(ctx, jobId, change)),

  /** What a job was submitted with. */
  input: userProcedure.input(jobInput).query(async ({ ctx, input }) => {
    await readJob(ctx, input.jobId);
    const submitted = await withUser(ctx.deps.pool, ctx.caller.claims, (db) => getJobInput(db, input.jobId));
    if (!submitted) throw jobNotFound();
    return submitted;
  }),

  /** What a job runs after, and what runs after it. */
  dependencies: userProcedure.input(jobInput).query(async ({ ctx, input }) => {
    await readJob(ctx, input.jobId);
    return withUser(ctx.deps.pool, ctx.caller.claims, (db) => getJobDependencies(db, input.jobId));
  }),

  /** The attempts of a job that have ended, and what each took. */
  attempts: userProcedure.input(jobInput).query(async ({ ctx, input }) => {
    await readJob(ctx, input.jobId);
    return withUser(ctx.deps.pool, ctx.caller.claims, (db) => listAttempts(db, input.jobId));
  }),

  /** A job and its position in its queue. */
  status: userProcedure
    .input(jobInput)
    .query(async ({ ctx, input }) => addEstimate(ctx, await readJob(ctx, input.jobId))),

  /** The caller's jobs, newest first. */
  list: userProcedure
    .input(
      z.strictObject({
        ...listOptions,
        ...jobFilter,
      }),
    )
    .query(({ ctx, input }) =>
      withUser(ctx.deps.pool, ctx.caller.claims, (db) =>
        listJobs(db, { ...input, userId: ctx.caller.userId }),
      ),
    ),

  /** A page of a job's events. */
  events: userProcedure
    .input(
      z.strictObject({
        jobId: anyId,
        afterSeq: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(1000).default(500),
      }),
    )
    .query(async ({ ctx, input }) => {
      await readJob(ctx, input.jobId);
      return withUser(ctx.deps.pool, ctx.caller.claims, (db) => getJobEvents(db, input));
    }),

  /** A job's events as they happen. A client that comes back resumes after the last one that it has. */
  watch: userProcedure.input(watched).subscription(async function* ({ ctx, input, signal }) {
    const afterSeq = input.lastEventId ? Number(input.lastEventId) : input.afterSeq;
    for await (const event of watchJob(ctx, { jobId: input.jobId, afterSeq, signal })) {
      yield tracked(String(event.seq), event);
    }
  }),

  /** What a job found so far. */
  results: userProcedure.input(jobInput).query(async ({ ctx, input }) => {
    await readJob(ctx, input.jobId);
    const results = await withUser(ctx.deps.pool, ctx.caller.claims, (db) => getJobResults(db, input.jobId));
    if (!results) throw jobNotFound();
    return toResultsJson(results);
  }),

  /** Cancels a pending or running job. */
  cancel: userProcedure.input(jobInput).mutation(async ({ ctx, input }) => {
    const job = await readJob(ctx, input.jobId);
    const reason = job.userId === ctx.caller.userId ? 'cancelled_by_owner' : 'cancelled_by_admin';
    await cancelJob(ctx.deps.pool, { jobId: job.id, reason, resultTtlMs: ctx.deps.config.resultTtlMs });
    return addEstimate(ctx, await readJob(ctx, job.id));
  }),

  /** Deletes a finished job with its files. */
  delete: userProcedure.input(jobInput).mutation(async ({ ctx, input }) => {
    const { id: jobId } = await readJob(ctx, input.jobId);
    await deleteJob(ctx.deps.pool, ctx.deps.storage, jobId);
    return { ok: true };
  }),

  /** How many of the caller's jobs a filter selects that can be cancelled, and the word to cancel these by. */
  countCancellable: userProcedure
    .input(z.strictObject(jobFilter))
    .query(({ ctx, input }) => selectCancellable(ctx.deps.pool, { ...input, userId: ctx.caller.userId })),

  /** Cancels those that were counted. */
  cancelMany: userProcedure
    .input(z.strictObject({ ...jobFilter, selection }))
    .mutation(async ({ ctx, input }) => ({
      cancelled: await cancelJobs(ctx.deps.pool, {
        filter: { ...input, userId: ctx.caller.userId },
        reason: 'cancelled_by_owner',
        resultTtlMs: ctx.deps.config.resultTtlMs,
      }),
    })),

  /** Puts a failed job back in the queue; it continues after the rows that are done. */
  retry: userProcedure.input(jobInput).mutation(async ({ ctx, input }) => {
    const job = await readJob(ctx, input.jobId);
    const reason = job.userId === ctx.caller.userId ? 'retried_by_owner' : 'retried_by_admin';
    await retryJob(ctx.deps.pool, { jobId: job.id, reason });
    return addEstimate(ctx, await readJob(ctx, job.id));
  }),
};
