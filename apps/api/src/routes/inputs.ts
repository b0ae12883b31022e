import type { JsonValue } from '@gantry/core';
import { z } from 'zod';

/** An id as it was given. Ids are compared as text, so it is in the form in which the database gives it. */
export const anyId = z.guid().toLowerCase();

/** The five states, for filters. */
export const status = z
  .enum(['pending', 'processing', 'completed', 'failed', 'cancelled'])
  .meta({ id: 'JobStatus' });

/** Which jobs. */
export const jobFilter = {
  status: status.optional(),
  serviceId: z.string().max(63).optional(),
  tag: z.string().max(40).optional(),
  search: z.string().max(200).optional(),
  /** Submitted at this time or later. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Submitted before this time. */
  to: z.iso.datetime({ offset: true }).optional(),
};

/** Which of everybody's jobs. */
export const adminJobFilter = { ...jobFilter, userId: anyId.optional() };

/** The word for the jobs that were counted. */
export const selection = z.string().max(500);

/** Paging of every list. */
export const listOptions = {
  limit: z.number().int().min(1).max(100).default(25),
  cursor: z.string().max(500).optional(),
};

/** What is watched, and the last event that the watcher has; `lastEventId` is how an EventSource says it. */
export const watched = z.strictObject({
  jobId: anyId,
  afterSeq: z.number().int().min(0).default(0),
  lastEventId: z
    .string()
    .regex(/^\d{1,9}$/)
    .nullish(),
});

// Deeper input serves nobody, and whatever walks it would run out of stack.
const DEEPEST_INPUT = 32;

/**
 * JSON as it comes out of a parser, not too deep, and without a key that would mean something else once it is copied.
 * Named as our own type, so that the SDK's declarations need not know zod.
 */
export const json: z.ZodType<JsonValue, JsonValue> = z
  .custom<JsonValue>((value) => isPlain(value, DEEPEST_INPUT), {
    error: 'must be JSON that is not nested too deeply',
  })
  .meta({ id: 'JsonValue', description: 'Any JSON value' });

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined;
  if (depth === 0) return false;
  return Object.entries(value).every(([key, inner]) => key !== '__proto__' && isPlain(inner, depth - 1));
}
