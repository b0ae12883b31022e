import { z } from 'zod';

/** What the browser of an attempt cost, all of it. */
export type BrowserFigures = {
  /** It had been launched before there was a job for it. */
  isWarm: boolean;
  /** The launch of its process; of a warm browser before there was a job. */
  launchMs: number;
  /** From the request for a browser until the attempt had it. */
  handOverMs: number;
  /** Until its processes and its directory were gone. */
  closeMs: number;
  /** The most that its processes used at one time; null, like what follows, of a browser on another machine. */
  peakMemoryBytes: number | null;
  /** Of one core, by all its processes. */
  cpuMs: number | null;
  bytesReceived: number | null;
  bytesSent: number | null;
  /** Plain requests, and secure connections: what passes inside of those cannot be counted. */
  requests: number | null;
};

/** An attempt that has ended, and what it took. */
export type EndedAttempt = {
  attempt: number;
  outcome: 'completed' | 'retry' | 'failed' | 'cancelled' | 'released' | 'lost';
  /** From when the job was ready until this attempt began. */
  queueWaitMs: number;
  runMs: number;
  endedAt: string;
  /** Null if it had none, or its worker died with it. */
  browser: BrowserFigures | null;
};

const browserFigures = z.object({
  isWarm: z.boolean().describe('It had been launched before there was a job for it'),
  launchMs: z.int(),
  handOverMs: z.int().describe('From the request for a browser until the attempt had it'),
  closeMs: z.int().describe('Until its processes and its directory were gone'),
  peakMemoryBytes: z.int().nullable().describe('Null, like what follows, on another machine'),
  cpuMs: z.int().nullable().describe('Of one core, by all its processes'),
  bytesReceived: z.int().nullable(),
  bytesSent: z.int().nullable(),
  requests: z.int().nullable().describe('Plain requests, and secure connections'),
});

/** An {@link EndedAttempt} on the wire. */
export const endedAttemptSchema = z
  .object({
    attempt: z.int(),
    outcome: z.enum(['completed', 'retry', 'failed', 'cancelled', 'released', 'lost']),
    queueWaitMs: z.int(),
    runMs: z.int(),
    endedAt: z.iso.datetime(),
    browser: browserFigures.nullable().describe('Null if it had none, or its worker died with it'),
  })
  .meta({ id: 'Attempt' }) satisfies z.ZodType<EndedAttempt>;
