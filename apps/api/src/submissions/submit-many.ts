import {
  GantryError,
  type ListedDependency,
  type ListedJob,
  type NewDependency,
  submitList,
} from '@gantry/core';
import type { ApiError } from '../errors/api-error.ts';
import { toApiError } from '../errors/to-api-error.ts';
import type { UserContext } from '../procedures/context.ts';
import { checkSubmission, createLookUps, type JsonSubmission } from './check-submission.ts';

/** What became of one submission among many: a job, or an error. `isNew` is false for one that was submitted before. */
export type ManyOutcome = {
  jobId: string | null;
  isNew: boolean;
  error: { code: string; message: string } | null;
};

/** Submits many jobs for the caller, each for itself. Answers in their order. */
export async function submitMany(
  ctx: UserContext,
  submissions: JsonSubmission<NewDependency | ListedDependency>[],
): Promise<{ jobs: ManyOutcome[] }> {
  const { deps, caller } = ctx;
  const lookUps = createLookUps(ctx);
  const refusals = new Map<number, ApiError>();
  const jobs: (ListedJob | GantryError)[] = [];
  for (const [index, submission] of submissions.entries()) {
    try {
      jobs.push(await checkSubmission(submission, { userId: caller.userId, lookUps }));
    } catch (error) {
      refusals.set(index, refusalOf(error));
      // Other jobs name it by its index, and get an error for it.
      jobs.push(new GantryError('VALUE_INVALID', 'Refused.', { cause: error }));
    }
  }
  const outcomes = await submitList(deps.pool, jobs, deps.config);
  return {
    jobs: outcomes.map((outcome, index) => {
      if (!(outcome instanceof GantryError)) return { ...outcome, error: null };
      const { code, message } = refusals.get(index) ?? refusalOf(outcome);
      return { jobId: null, isNew: false, error: { code, message } };
    }),
  };
}

/** What is wrong with one of them. @throws what is wrong with all, or with us */
function refusalOf(error: unknown): ApiError {
  const refusal = toApiError(error);
  if (refusal.status >= 500) throw error;
  return refusal;
}
