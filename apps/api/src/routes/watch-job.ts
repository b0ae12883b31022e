import { type Db, getJob, getJobEvents, type JobEvent, watchJobEvents, withUser } from '@gantry/core';

import type { UserContext } from '../context.ts';
import { readJob } from './read-job.ts';

const BATCH = 500;
// A stream may outlive its token by so much; then the client must come back with a fresh one.
const TOKEN_GRACE_MS = 30_000;
// Node's timers know no more; a stream that lasted so long may well be opened anew.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The events of a job after a number, as they happen. Ends early when the token has ended or the API stops. */
export async function* watchJob(
  ctx: UserContext,
  o: { jobId: string; afterSeq: number; signal: AbortSignal | undefined },
): AsyncGenerator<JobEvent, void, undefined> {
  const { deps, caller } = ctx;
  using _place = deps.userLimits.enter('watch', caller.userId);
  await readJob(ctx, o.jobId);
  const leftMs = caller.expiresAt - Date.now() + TOKEN_GRACE_MS;
  const tokenEnd = AbortSignal.timeout(Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS));
  const signal = AbortSignal.any([deps.stopping, tokenEnd, ...(o.signal ? [o.signal] : [])]);
  yield* watchJobEvents({
    hub: deps.hub,
    jobId: o.jobId,
    afterSeq: o.afterSeq,
    signal,
    readAsWatcher: (afterSeq) =>
      withUser(deps.pool, caller.claims, (db) => readEvents(db, o.jobId, afterSeq)),
    read: (afterSeq) => readEvents(deps.pool, o.jobId, afterSeq),
  });
}

async function readEvents(db: Db, jobId: string, afterSeq: number) {
  const job = await getJob(db, jobId);
  return job && { job, events: await getJobEvents(db, { jobId, afterSeq, limit: BATCH }) };
}
