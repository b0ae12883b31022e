import { jobStatusSchema } from '@gantry/contract';
import { z } from 'zod';

/** An id as it was given. Ids are compared as text, so it is in the form in which the database gives it. */
export const anyId = z.guid().toLowerCase();

/** Which jobs. */
export const jobFilter = {
  status: jobStatusSchema.optional(),
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
