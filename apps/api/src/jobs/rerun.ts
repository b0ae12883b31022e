import { isFinished } from '@gantry/contract';
import { getJobDependencies, getJobInput, type NewDependency } from '@gantry/core';
import { ApiError, jobNotFound } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';
import type { JsonSubmission } from '../submissions/check-submission.ts';
import { submitJson } from '../submissions/submit-json.ts';
import { readJob } from './read-job.ts';

/** What is to be different; what is left out stays as it was. */
export type RerunChange = Omit<Partial<JsonSubmission>, 'serviceId' | 'rerunOf'>;

/**
 * Submits a finished job once more, for its owner. It uses the same file, and runs after the same jobs, but for those
 * that did not complete.
 *
 * @throws {ApiError} JOB_NOT_FOUND, JOB_NOT_FINISHED, and what a submission may be refused for
 */
export async function rerunJob(ctx: UserContext, jobId: string, change: RerunChange) {
  const { pool } = ctx.deps;
  const job = await readJob(ctx, jobId);
  if (!isFinished(job.status)) {
    throw new ApiError(
      409,
      'JOB_NOT_FINISHED',
      'This job has not finished yet. Wait for its end, or cancel it first.',
    );
  }
  const submitted = await getJobInput(pool, jobId);
  if (!submitted) throw jobNotFound();
  return submitJson(
    ctx,
    {
      ...change,
      serviceId: job.serviceId,
      input: change.input ?? submitted.input,
      uploadId: change.uploadId ?? submitted.uploadId ?? undefined,
      priority: change.priority ?? job.priority,
      dependsOn: change.dependsOn ?? (await dependenciesOf(ctx, jobId)),
      tags: change.tags ?? job.tags,
      rerunOf: job.id,
    },
    job.userId,
  );
}

async function dependenciesOf({ deps }: UserContext, jobId: string): Promise<NewDependency[]> {
  const { dependsOn } = await getJobDependencies(deps.pool, jobId);
  return dependsOn
    .filter(({ status }) => status !== 'failed' && status !== 'cancelled')
    .map(({ jobId: id, onFailure }) => ({ jobId: id, onFailure }));
}
