import type { JobEvent } from '@gantry/core';
import { z } from 'zod';

import { json, status } from '../routes/inputs.ts';
import { rowSchema, statusReason, time } from './schemas.ts';

const head = {
  jobId: z.guid(),
  seq: z.int().describe('Counts from 1 without a gap'),
  attempt: z.int(),
  createdAt: time,
};

const state = z.object({
  from: status.exactOptional(),
  to: status,
  cause: statusReason,
  reason: z.string().describe('`cause` in a few words'),
  errorCode: z.string().exactOptional(),
  errorMessage: z.string().exactOptional(),
});
const log = z.object({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  data: z.record(z.string(), json).exactOptional(),
});
const artifact = z.object({
  id: z.guid(),
  name: z.string(),
  contentType: z.string(),
  size: z.int().describe('Bytes'),
  rowIndex: z.int().exactOptional(),
});

const step = z.object({
  name: z.string(),
  rowIndex: z.int().exactOptional().describe('The row that the step works on'),
});

const eventSchema = z
  .discriminatedUnion('type', [
    z.object({ ...head, type: z.literal('state'), data: state }),
    z.object({
      ...head,
      type: z.literal('progress'),
      data: z.object({ done: z.int(), total: z.int() }),
    }),
    z.object({ ...head, type: z.literal('step'), data: step }),
    z.object({ ...head, type: z.literal('log'), data: log }),
    z.object({ ...head, type: z.literal('row'), data: rowSchema }),
    z.object({ ...head, type: z.literal('artifact'), data: artifact }),
  ])
  .meta({ id: 'JobEvent' }) satisfies z.ZodType<JobEvent>;

/** A page of a job's events. */
export const eventsSchema = z.array(eventSchema);
