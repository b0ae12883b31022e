import { z } from 'zod';

/** A queue and how much waits and runs in it. */
export type QueueFigures = {
  name: string;
  /** Jobs that may run at once; null for no limit. */
  concurrencyLimit: number | null;
  isPaused: boolean;
  pending: number;
  processing: number;
  /** How long the job that could have run first has waited; null when none waits. */
  oldestWaitMs: number | null;
};

/** Figures of the whole queue. Limits and pauses are those of now; jobs were counted at `countedAt`. */
export type QueueInfo = {
  pending: number;
  processing: number;
  completed: number;
  failed: number;
  cancelled: number;
  activeWorkers: number;
  /** ISO 8601. Counting takes a twentieth of the time at most: among a few thousand jobs this is always just now. */
  countedAt: string;
  queues: QueueFigures[];
};

/** A queue as admins see it. */
export type Queue = QueueFigures & {
  /** The services whose jobs go here; `isChosen`: an admin and not their code says so. */
  services: { id: string; name: string; isChosen: boolean }[];
  /** Jobs that live workers could run here at once. */
  workerSlots: number;
};

const figuresShape = {
  name: z.string(),
  concurrencyLimit: z.int().nullable(),
  isPaused: z.boolean(),
  pending: z.int(),
  processing: z.int(),
  oldestWaitMs: z.int().nullable(),
};

/** A {@link QueueInfo} on the wire. */
export const queueInfoSchema = z.object({
  pending: z.int(),
  processing: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  activeWorkers: z.int(),
  countedAt: z.iso.datetime().describe('When the jobs were counted'),
  queues: z.array(z.object(figuresShape).meta({ id: 'QueueFigures' })),
}) satisfies z.ZodType<QueueInfo>;

/** A {@link Queue} on the wire. */
export const queueSchema = z
  .object({
    ...figuresShape,
    services: z.array(z.object({ id: z.string(), name: z.string(), isChosen: z.boolean() })),
    workerSlots: z.int(),
  })
  .meta({ id: 'Queue' }) satisfies z.ZodType<Queue>;
