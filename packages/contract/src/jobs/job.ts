import { z } from 'zod';

import { type ErrorDetail, errorDetailSchema } from '../errors/error-detail.ts';
import type { JobStatus } from './job-status.ts';
import { jobStatusSchema } from './job-status-schema.ts';
import { type StatusReason, statusReasonSchema } from './status-reason.ts';
import { type WaitEstimate, waitEstimateShape } from './wait-estimate.ts';

/** A job, as its owner and admins see it. Times are ISO 8601 in UTC. */
export type Job = {
  id: string;
  userId: string;
  serviceId: string;
  serviceName: string;
  queue: string;
  status: JobStatus;
  /** Why it has this status. */
  cause: StatusReason;
  /** {@link Job.cause} in a few words: `submitted`, `claimed`, `retry`, `worker lost`, ... */
  statusReason: string;
  /** 0 normal, 1 high, 2 urgent. */
  priority: number;
  /** Number of the current or last attempt; it only grows. */
  attempt: number;
  /** Attempts that count against `maxAttempts`. */
  attemptsUsed: number;
  maxAttempts: number;
  progress: { done: number; total: number } | null;
  /** How many rows failed, by the summary of a completed job; null where it does not say. */
  failedRows: number | null;
  step: string | null;
  error: ErrorDetail | null;
  fileName: string | null;
  tags: string[];
  /** How many jobs it still waits for; it is not in line before that is 0. */
  blockedBy: number;
  /** The job that this one repeats; null too when that one is gone. */
  rerunOf: string | null;
  /** The schedule that submitted it; null too when that one is gone. */
  scheduleId: string | null;
  /** The occurrence of the schedule that submitted it. */
  scheduledFor: string | null;
  /** Number of the last event. */
  eventSeq: number;
  createdAt: string;
  runAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** When the results are deleted. */
  expiresAt: string | null;
};

/** A job and its position. */
export type JobWithEstimate = Job & WaitEstimate;

/** A page of jobs, newest first. */
export type JobPage = { jobs: Job[]; nextCursor: string | null };

const time = z.iso.datetime();

const jobShape = {
  id: z.guid(),
  userId: z.guid(),
  serviceId: z.string(),
  serviceName: z.string(),
  queue: z.string(),
  status: jobStatusSchema,
  cause: statusReasonSchema,
  statusReason: z.string().describe('`cause` in a few words'),
  priority: z.int().min(0).max(2).describe('0 normal, 1 high, 2 urgent'),
  attempt: z.int(),
  attemptsUsed: z.int(),
  maxAttempts: z.int(),
  progress: z.object({ done: z.int(), total: z.int() }).nullable(),
  failedRows: z.int().nullable().describe('How many rows failed, by the summary of a completed job'),
  step: z.string().nullable(),
  error: errorDetailSchema.nullable(),
  fileName: z.string().nullable(),
  tags: z.array(z.string()),
  blockedBy: z.int().describe('How many jobs it still waits for'),
  rerunOf: z.guid().nullable().describe('The job that this one repeats'),
  scheduleId: z.guid().nullable().describe('The schedule that submitted it'),
  scheduledFor: time.nullable().describe('The occurrence of the schedule that it stands for'),
  eventSeq: z.int(),
  createdAt: time,
  runAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  expiresAt: time.nullable().describe('When the results are deleted'),
};

/** A {@link Job} on the wire. */
export const jobSchema = z.object(jobShape).meta({ id: 'Job' }) satisfies z.ZodType<Job>;

/** A {@link JobWithEstimate} on the wire. */
export const jobWithEstimateSchema = z
  .object({ ...jobShape, ...waitEstimateShape })
  .meta({ id: 'JobWithEstimate' }) satisfies z.ZodType<JobWithEstimate>;

/** A {@link JobPage} on the wire. */
export const jobPageSchema = z
  .object({ jobs: z.array(jobSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'JobPage' }) satisfies z.ZodType<JobPage>;
