import {
  bindService,
  countWaitingElsewhere,
  createQueue,
  deleteQueue,
  listQueues,
  moveWaitingJobs,
  setQueue,
} from '@gantry/core';
import { z } from 'zod';

import { adminProcedure } from '../procedures/trpc.ts';

/** The name of a queue that is there. */
export const queueName = z.string().min(1).max(63);

const serviceId = z.string().min(1).max(63);

const newQueueName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen',
  );

/** Jobs that may run at once: 0 for none, null for no limit. */
const concurrencyLimit = z.number().int().min(0).max(10_000).nullable();

/** What makes a queue. */
export const newQueue = z.strictObject({ name: newQueueName, concurrencyLimit: concurrencyLimit.default(1) });

/** What can be changed about a queue; what is left out stays. */
export const queueChange = {
  isPaused: z.boolean().optional(),
  concurrencyLimit: concurrencyLimit.optional(),
};

const boundQueue = queueName.nullable();

/** Where the jobs of a service go; null for where its code says. */
export const binding = {
  queue: boundQueue,
  moveWaiting: z.boolean().default(false).describe('Move the waiting jobs of the service there too'),
};

/** `admin.queues.*` */
export const adminQueueRoutes = {
  /** The queues by name, what waits and runs in them, and which services are bound to them. */
  list: adminProcedure.query(({ ctx }) => listQueues(ctx.deps.pool)),

  create: adminProcedure.input(newQueue).mutation(async ({ ctx, input }) => {
    await createQueue(ctx.deps.pool, input);
    return { ok: true };
  }),

  /** Pauses, resumes or limits a queue, at once. */
  update: adminProcedure
    .input(z.strictObject({ name: queueName, ...queueChange }))
    .mutation(async ({ ctx, input }) => {
      await setQueue(ctx.deps.pool, input);
      return { ok: true };
    }),

  /** Deletes a queue that is not in use. */
  delete: adminProcedure.input(z.strictObject({ name: queueName })).mutation(async ({ ctx, input }) => {
    await deleteQueue(ctx.deps.pool, input.name);
    return { ok: true };
  }),

  /** Counts the waiting jobs of a service that binding it to a queue could move there. */
  countWaiting: adminProcedure
    .input(z.strictObject({ serviceId, queue: boundQueue }))
    .query(async ({ ctx, input }) => ({ count: await countWaitingElsewhere(ctx.deps.pool, input) })),

  /** Binds a service to a queue, whatever its workers publish; its waiting jobs move only if that is asked for. */
  bind: adminProcedure.input(z.strictObject({ serviceId, ...binding })).mutation(async ({ ctx, input }) => {
    await bindService(ctx.deps.pool, input);
    const moved = input.moveWaiting ? await moveWaitingJobs(ctx.deps.pool, input.serviceId) : 0;
    return { ok: true, moved };
  }),
};
