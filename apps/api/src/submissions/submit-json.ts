import { estimateWait } from '@gantry/core';

import type { UserContext } from '../procedures/context.ts';
import { checkSubmission, createLookUps, type JsonSubmission } from './check-submission.ts';

/** Submits a job for the caller, or for the `userId` given. @throws {ApiError} as {@link checkSubmission} does, and QUOTA_EXCEEDED, ... */
export async function submitJson(ctx: UserContext, s: JsonSubmission, userId: string = ctx.caller.userId) {
  const { deps } = ctx;
  const { jobId } = await deps.submitJob(await checkSubmission(s, { userId, lookUps: createLookUps(ctx) }));
  const { queuePosition, estimatedWaitTime } = await estimateWait(deps.pool, jobId);
  return { jobId, queuePosition, estimatedWaitTime };
}
