import { describeWaitReason, type WaitEstimate, type WaitReason } from '@gantry/contract';
import { type Db, runForOne } from '../db/run-query.ts';
import { simulateWait } from './simulate-wait.ts';
import type { WaitFacts } from './wait-facts.ts';

type Description = { position: number | null; reason?: WaitReason; wait?: WaitFacts };

/** The position and estimated wait of a job. Needs the service role: it counts other people's jobs. */
export async function estimateWait(db: Db, jobId: string): Promise<WaitEstimate> {
  const { description } = await runForOne<{ description: Description }>(db, {
    name: 'describe-wait',
    text: 'select gantry.describe_wait($1) as description',
    values: [jobId],
  });
  const { position, reason, wait } = description;
  if (position === 0) return { ...RUNNING };
  const range = wait ? simulateWait(wait) : null;
  return {
    queuePosition: position,
    estimatedWaitTime: range && range.p50Ms,
    estimatedWaitRange: range && { p50Ms: range.p50Ms, p90Ms: wait?.isBound ? null : range.p90Ms },
    wait: reason ?? null,
    waitReason: reason ? describeWaitReason(reason) : null,
  };
}

const RUNNING: WaitEstimate = {
  queuePosition: 0,
  estimatedWaitTime: 0,
  estimatedWaitRange: { p50Ms: 0, p90Ms: 0 },
  wait: null,
  waitReason: null,
};
