import { z } from 'zod';

import { errorCodeSchema } from '../errors/error-code-schema.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { JobStatus } from '../jobs/job-status.ts';
import { jobStatusSchema } from '../jobs/job-status-schema.ts';
import { type JsonValue, jsonSchema } from '../json.ts';

/** What becomes of an occurrence while a job of an earlier one has not finished: it is skipped, or its job queues behind. */
export type Overlap = 'skip' | 'queue';

/** What became of an occurrence of a schedule. */
export type ScheduleOccurrence = {
  /** The time that the schedule said. */
  occursAt: string;
  /** `submitted` a job; `skipped` because an earlier one has not finished; `refused` for the reason given. */
  outcome: 'submitted' | 'skipped' | 'refused';
  reason: { code: ErrorCode; message: string } | null;
  /** The job, which may have expired since: then `jobStatus` is null. */
  jobId: string | null;
  jobStatus: JobStatus | null;
  /** When the scheduler processed it: later than `occursAt` where nothing ran at that time. */
  createdAt: string;
};

/** What is submitted again and again, and when. Times are ISO 8601 in UTC. */
export type Schedule = {
  id: string;
  userId: string;
  name: string;
  serviceId: string;
  serviceName: string;
  input: JsonValue;
  uploadId: string | null;
  fileName: string | null;
  /** 0 normal, 1 high, 2 urgent. */
  priority: number;
  tags: string[];
  cron: string;
  /** Of the IANA database. */
  timeZone: string;
  overlap: Overlap;
  isPaused: boolean;
  /** Null while it is paused. */
  nextOccurrenceAt: string | null;
  lastOccurrence: ScheduleOccurrence | null;
  createdAt: string;
  updatedAt: string;
};

/** A page of schedules, newest first. */
export type SchedulePage = { schedules: Schedule[]; nextCursor: string | null };

const time = z.iso.datetime();

/** A {@link ScheduleOccurrence} on the wire. */
export const scheduleOccurrenceSchema = z
  .object({
    occursAt: time.describe('The time that the schedule said'),
    outcome: z
      .enum(['submitted', 'skipped', 'refused'])
      .describe('skipped: an earlier job has not finished; refused: for the reason given'),
    reason: z.object({ code: errorCodeSchema, message: z.string() }).nullable(),
    jobId: z.guid().nullable(),
    jobStatus: jobStatusSchema.nullable().describe('Null without a job, and for one that has expired'),
    createdAt: time.describe('When the scheduler processed it'),
  })
  .meta({ id: 'ScheduleOccurrence' }) satisfies z.ZodType<ScheduleOccurrence>;

/** A {@link Schedule} on the wire. */
export const scheduleSchema = z
  .object({
    id: z.guid(),
    userId: z.guid(),
    name: z.string(),
    serviceId: z.string(),
    serviceName: z.string(),
    input: jsonSchema,
    uploadId: z.guid().nullable(),
    fileName: z.string().nullable(),
    priority: z.int().min(0).max(2).describe('0 normal, 1 high, 2 urgent'),
    tags: z.array(z.string()),
    cron: z.string().describe('Five fields or a nickname such as @daily'),
    timeZone: z.string().describe('Of the IANA database'),
    overlap: z
      .enum(['skip', 'queue'])
      .describe('What becomes of an occurrence while an earlier job has not finished'),
    isPaused: z.boolean(),
    nextOccurrenceAt: time.nullable().describe('Null while it is paused'),
    lastOccurrence: scheduleOccurrenceSchema.nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Schedule' }) satisfies z.ZodType<Schedule>;

/** A {@link Schedule} with its last occurrences on the wire. */
export const scheduleWithOccurrencesSchema = z
  .object({
    ...scheduleSchema.shape,
    occurrences: z.array(scheduleOccurrenceSchema).describe('The last occurrences, the latest first'),
  })
  .meta({ id: 'ScheduleWithOccurrences' }) satisfies z.ZodType<
  Schedule & { occurrences: ScheduleOccurrence[] }
>;

/** A {@link SchedulePage} on the wire. */
export const schedulePageSchema = z
  .object({ schedules: z.array(scheduleSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'SchedulePage' }) satisfies z.ZodType<SchedulePage>;
