import { z } from 'zod';

import { type JsonObject, jsonObjectSchema } from '../json.ts';
import type { JobStatus } from './job-status.ts';
import { jobStatusSchema } from './job-status-schema.ts';
import { type RowResult, rowResultSchema } from './row-result.ts';
import { type StatusReason, statusReasonSchema } from './status-reason.ts';

/** What happened, by type. */
export type JobEventBody =
  | {
      type: 'state';
      data: {
        from?: JobStatus;
        to: JobStatus;
        cause: StatusReason;
        /** The cause in a few words. */
        reason: string;
        errorCode?: string;
        errorMessage?: string;
      };
    }
  | { type: 'progress'; data: { done: number; total: number } }
  /** `rowIndex`: the row that the step works on. */
  | { type: 'step'; data: { name: string; rowIndex?: number } }
  | { type: 'log'; data: { level: 'debug' | 'info' | 'warn' | 'error'; message: string; data?: JsonObject } }
  | { type: 'row'; data: RowResult }
  | {
      type: 'artifact';
      data: { id: string; name: string; contentType: string; size: number; rowIndex?: number };
    };

/** One entry of a job's history. `seq` counts from 1 without a gap. */
export type JobEvent = { jobId: string; seq: number; attempt: number; createdAt: string } & JobEventBody;

const state = z.object({
  from: jobStatusSchema.exactOptional(),
  to: jobStatusSchema,
  cause: statusReasonSchema,
  reason: z.string().describe('`cause` in a few words'),
  errorCode: z.string().exactOptional(),
  errorMessage: z.string().exactOptional(),
});
const progress = z.object({ done: z.int(), total: z.int() });
const step = z.object({
  name: z.string(),
  rowIndex: z.int().exactOptional().describe('The row that the step works on'),
});
const log = z.object({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  data: jsonObjectSchema.exactOptional(),
});
const artifact = z.object({
  id: z.guid(),
  name: z.string(),
  contentType: z.string(),
  size: z.int().describe('Bytes'),
  rowIndex: z.int().exactOptional(),
});

const head = {
  jobId: z.guid(),
  seq: z.int().describe('Counts from 1 without a gap'),
  attempt: z.int(),
  createdAt: z.iso.datetime(),
};

/** A {@link JobEvent} on the wire. */
export const jobEventSchema = z
  .discriminatedUnion('type', [
    z.object({ ...head, type: z.literal('state'), data: state }),
    z.object({ ...head, type: z.literal('progress'), data: progress }),
    z.object({ ...head, type: z.literal('step'), data: step }),
    z.object({ ...head, type: z.literal('log'), data: log }),
    z.object({ ...head, type: z.literal('row'), data: rowResultSchema }),
    z.object({ ...head, type: z.literal('artifact'), data: artifact }),
  ])
  .meta({ id: 'JobEvent' }) satisfies z.ZodType<JobEvent>;
