import { z } from 'zod';

/**
 * Why a job has its status: a closed code with its parameters.
 *
 * - `dependency_failed`: the job `jobId`, which it runs after, did not complete
 * - `worker_lost_repeatedly`: its worker was lost `times` times while it ran only this job, so it failed
 * - `worker_lost_last_attempt`: its worker was lost and no attempt was left
 * - `retry`: an attempt failed and another follows
 * - `released`: its worker shut down and put it back in the queue
 *
 * @see supabase/schemas/15_jobs.sql
 */
export type StatusReason =
  | {
      code:
        | 'submitted'
        | 'claimed'
        | 'completed'
        | 'retry'
        | 'permanent_error'
        | 'attempts_used_up'
        | 'released'
        | 'worker_lost'
        | 'worker_lost_last_attempt'
        | 'cancelled_by_owner'
        | 'cancelled_by_admin'
        | 'retried_by_owner'
        | 'retried_by_admin';
    }
  | { code: 'worker_lost_repeatedly'; times: number }
  | { code: 'dependency_failed'; jobId: string };

const plain = z.object({
  code: z.enum([
    'submitted',
    'claimed',
    'completed',
    'retry',
    'permanent_error',
    'attempts_used_up',
    'released',
    'worker_lost',
    'worker_lost_last_attempt',
    'cancelled_by_owner',
    'cancelled_by_admin',
    'retried_by_owner',
    'retried_by_admin',
  ]),
});

/** {@link StatusReason} on the wire. */
export const statusReasonSchema = z
  .discriminatedUnion('code', [
    plain,
    z.object({ code: z.literal('worker_lost_repeatedly'), times: z.int().min(1) }),
    z.object({ code: z.literal('dependency_failed'), jobId: z.guid() }),
  ])
  .meta({
    id: 'StatusReason',
    description: 'Why the job has its status: a code with its parameters',
  }) satisfies z.ZodType<StatusReason>;

/** Every code of a {@link StatusReason}. */
export const STATUS_REASON_CODES: readonly StatusReason['code'][] = [
  ...plain.shape.code.options,
  'worker_lost_repeatedly',
  'dependency_failed',
];
