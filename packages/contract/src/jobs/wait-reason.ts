import { z } from 'zod';

/**
 * Why a pending job waits: a closed code with its parameters.
 *
 * - `next`: nothing is ahead; it starts as soon as a browser is free
 * - `ahead`: `count` jobs go first
 * - `more_ahead`: more than `count` jobs go first, which is as far as they are counted
 * - `queue_paused`: the queue is paused, or its limit is 0
 * - `no_worker`: no worker for the service is running
 * - `blocked`: it runs after `count` jobs that have not finished
 * - `scheduled`: it may not start before `at`
 * - `retrying`: its last attempt failed; the next one may not start before `at`
 *
 * @see supabase/schemas/61_describe_wait.sql
 */
export type WaitReason =
  | { code: 'next' | 'queue_paused' | 'no_worker' }
  | { code: 'ahead' | 'more_ahead' | 'blocked'; count: number }
  | { code: 'scheduled' | 'retrying'; at: string };

/** {@link WaitReason} on the wire. `at` is ISO 8601 in UTC. */
export const waitReasonSchema = z
  .discriminatedUnion('code', [
    z.object({ code: z.enum(['next', 'queue_paused', 'no_worker']) }),
    z.object({ code: z.enum(['ahead', 'more_ahead', 'blocked']), count: z.int().min(1) }),
    z.object({ code: z.enum(['scheduled', 'retrying']), at: z.iso.datetime() }),
  ])
  .meta({
    id: 'WaitReason',
    description: 'Why it waits: a code with its parameters',
  }) satisfies z.ZodType<WaitReason>;

/** Every code of a {@link WaitReason}. */
export const WAIT_REASON_CODES: readonly WaitReason['code'][] = waitReasonSchema.options.flatMap(
  ({ shape }) => shape.code.options,
);
