import type { JobEvent } from '@gantry/contract';
import { type Db, getJob, getJobEvents, isSessionOpen, watchJobEvents, withUser } from '@gantry/core';
import { jobNotFound } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';
import { anySignal } from '../signals/any-signal.ts';

// A client that reads slowly holds a page of values: not too many.
const PAGE = 200;
// A stream may outlive its token by so much; then the client must come back with a fresh one.
const TOKEN_GRACE_MS = 30_000;

/**
 * The events of a job after a number, as they happen. Ends early when the
 * token or the session has ended, when the caller may no longer see the job, and when the API stops.
 *
 * @throws {ApiError} JOB_NOT_FOUND, RATE_LIMITED
 */
export async function* watchJob(
  ctx: UserContext,
  o: { jobId: string; afterSeq: number; signal: AbortSignal | undefined },
): AsyncGenerator<JobEvent, void, undefined> {
  const { deps, caller } = ctx;
  using _place = deps.userLimits.enter('watch', caller.userId);
  using end = anySignal([deps.stopping, o.signal], caller.expiresAt - Date.now() + TOKEN_GRACE_MS);
  let isFirst = true;
  yield* watchJobEvents({
    hub: deps.hub,
    jobId: o.jobId,
    afterSeq: o.afterSeq,
    signal: end.signal,
    async readAsWatcher(afterSeq) {
      const found = await withUser(deps.pool, caller.claims, (db) => readEvents(db, o.jobId, afterSeq));
      if (isFirst && !found) throw jobNotFound();
      // The request itself was allowed just now.
      const isAllowed = isFirst || (await isSessionOpen(deps.pool, caller));
      isFirst = false;
      return isAllowed ? found : null;
    },
    recheckMs: deps.config.streamRecheckMs,
    read: (afterSeq) => readEvents(deps.pool, o.jobId, afterSeq),
  });
}

async function readEvents(db: Db, jobId: string, afterSeq: number) {
  const job = await getJob(db, jobId);
  return job && { job, events: await getJobEvents(db, { jobId, afterSeq, limit: PAGE }) };
}
