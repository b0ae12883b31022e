import { z } from 'zod';

/** A worker process, as admins see it. Times are ISO 8601 in UTC. */
export type Worker = {
  id: string;
  host: string;
  pid: number;
  version: string;
  services: string[];
  /** The queues that it serves; null for all. */
  queues: string[] | null;
  concurrency: number;
  status: 'active' | 'draining' | 'stopped' | 'lost';
  startedAt: string;
  heartbeatAt: string;
  running: { jobId: string; serviceId: string; attempt: number }[];
};

/** A {@link Worker} on the wire. */
export const workerSchema = z
  .object({
    id: z.guid(),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    services: z.array(z.string()),
    queues: z.array(z.string()).nullable(),
    concurrency: z.int(),
    status: z.enum(['active', 'draining', 'stopped', 'lost']),
    startedAt: z.iso.datetime(),
    heartbeatAt: z.iso.datetime(),
    running: z.array(z.object({ jobId: z.guid(), serviceId: z.string(), attempt: z.int() })),
  })
  .meta({ id: 'Worker' }) satisfies z.ZodType<Worker>;
