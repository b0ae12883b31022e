import { jsonSchema } from '@gantry/contract';
import { z } from 'zod';

import { anyId, listOptions } from '../procedures/inputs.ts';
import { tags } from '../submissions/submission.ts';

/** The length that the database holds; what it says is checked where it is read. */
const cron = z.string().min(1).max(120);
const timeZone = z.string().min(1).max(64);
const overlap = z.enum(['skip', 'queue']);
const priority = z.number().int().min(0).max(2);
const name = z.string().trim().min(1).max(120);

/** What makes a schedule; it bears the name of its service unless it is given another. */
export const newSchedule = z.strictObject({
  serviceId: z.string().min(1).max(63),
  cron,
  timeZone,
  name: name.optional(),
  input: jsonSchema.optional(),
  uploadId: anyId.optional(),
  priority: priority.optional(),
  tags: tags.optional(),
  overlap: overlap.optional(),
});

/** What can be changed about a schedule; what is left out stays. `uploadId` null is no file any more. */
export const scheduleChange = {
  cron: cron.optional(),
  timeZone: timeZone.optional(),
  name: name.optional(),
  input: jsonSchema.optional(),
  uploadId: anyId.nullable().optional(),
  priority: priority.optional(),
  tags: tags.optional(),
  overlap: overlap.optional(),
};

/** Paging of schedules; a cursor is the id of the last one. */
export const scheduleList = { limit: listOptions.limit, cursor: anyId.optional() };

/** A rule to look ahead by. */
export const previewInput = { cron, timeZone };

/** How many times a preview shows. */
export const previewCount = z.number().int().min(1).max(20).default(5);
