import { z } from 'zod';

import { type WaitReason, waitReasonSchema } from './wait-reason.ts';

/** The position and estimated wait of a job. */
export type WaitEstimate = {
  /**
   * 1 is next, 0 is running; null is finished, or not in line yet (scheduled, backing off, waiting for other jobs).
   * With more than 5,000 jobs ahead 5,001, which `wait` says too.
   */
  queuePosition: number | null;
  /** Milliseconds until it probably starts (the median); null when nothing can be said. */
  estimatedWaitTime: number | null;
  /**
   * The wait in half of all such cases, and in nine of ten; `p90Ms` is null when more jobs are ahead than are counted,
   * and `p50Ms` then is the least.
   */
  estimatedWaitRange: { p50Ms: number; p90Ms: number | null } | null;
  /** Why it waits; null unless it is pending. */
  wait: WaitReason | null;
  /**
   * {@link WaitEstimate.wait} in a few words: `next`, `2 ahead`, `over 5,000 ahead`, `queue paused`,
   * `no worker for this service`, `waits for 2 jobs`, `scheduled for 2026-01-31T08:00:00Z`, `waiting to retry`.
   */
  waitReason: string | null;
};

/** The properties of a {@link WaitEstimate} on the wire. */
export const waitEstimateShape = {
  queuePosition: z
    .int()
    .nullable()
    .describe(
      '1 is next, 0 is running, null is finished or not in line yet; 5,001 with more than 5,000 ahead',
    ),
  estimatedWaitTime: z.number().nullable().describe('Milliseconds (median); null when nothing can be said'),
  estimatedWaitRange: z
    .object({ p50Ms: z.number(), p90Ms: z.number().nullable() })
    .nullable()
    .describe(
      'The wait in half of all such cases, and in nine of ten; p90Ms is null with more than 5,000 ahead',
    ),
  wait: waitReasonSchema.nullable().describe('Null unless the job is pending'),
  waitReason: z.string().nullable().describe('`wait` in a few words: "next", "2 ahead", "queue paused", ...'),
};
