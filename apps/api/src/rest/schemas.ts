import { statusReasonSchema, waitReasonSchema } from '@gantry/contract';
import type {
  EndedAttempt,
  Job,
  JobDependencies,
  JobPage,
  JobWithEstimate,
  Queue,
  QueueInfo,
  Selection,
  Worker,
} from '@gantry/core';
import { z } from 'zod';

import { json, status } from '../routes/inputs.ts';
import type { toResultsJson } from '../routes/results-json.ts';
import type { ManyOutcome } from '../submit/submit-many.ts';

// What the REST routes answer, for the OpenAPI document. `satisfies` keeps each in step with the value itself.

/** ISO 8601 in UTC. */
export const time = z.iso.datetime();
const error = z.object({ code: z.string(), message: z.string() });

/** Why a job has its status. */
export const statusReason = statusReasonSchema.meta({
  id: 'StatusReason',
  description: 'Why the job has its status: a code with its parameters',
});

const jobShape = {
  id: z.guid(),
  userId: z.guid(),
  serviceId: z.string(),
  serviceName: z.string(),
  queue: z.string(),
  status,
  cause: statusReason,
  statusReason: z.string().describe('`cause` in a few words'),
  priority: z.int().min(0).max(2).describe('0 normal, 1 high, 2 urgent'),
  attempt: z.int(),
  attemptsUsed: z.int(),
  maxAttempts: z.int(),
  progress: z.object({ done: z.int(), total: z.int() }).nullable(),
  failedRows: z.int().nullable().describe('How many rows failed, as the summary of a completed job says'),
  step: z.string().nullable(),
  error: error.nullable(),
  fileName: z.string().nullable(),
  tags: z.array(z.string()),
  blockedBy: z.int().describe('How many jobs it still waits for'),
  rerunOf: z.guid().nullable().describe('The job that this one repeats'),
  scheduleId: z.guid().nullable().describe('The schedule that submitted it'),
  scheduledFor: time.nullable().describe('The tick of the schedule that it stands for'),
  eventSeq: z.int(),
  createdAt: time,
  runAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  expiresAt: time.nullable().describe('When the results are deleted'),
};

export const jobSchema = z.object(jobShape).meta({ id: 'Job' }) satisfies z.ZodType<Job>;

export const jobWithEstimateSchema = z
  .object({
    ...jobShape,
    queuePosition: z
      .int()
      .nullable()
      .describe(
        '1 is next, 0 is running, null is finished or not in line yet; 5,001 with more than 5,000 ahead',
      ),
    estimatedWaitTime: z.number().nullable().describe('Milliseconds (median); null when nothing can be said'),
    estimatedWaitRange: z
      .object({ p50Ms: z.number(), p90Ms: z.number().nullable() })
      .nullable()
      .describe(
        'The wait in half of all such cases, and in nine of ten; p90Ms is null with more than 5,000 ahead',
      ),
    wait: waitReasonSchema
      .meta({ id: 'WaitReason', description: 'Why it waits: a code with its parameters' })
      .nullable()
      .describe('Null unless the job is pending'),
    waitReason: z
      .string()
      .nullable()
      .describe('`wait` in a few words: "next", "2 ahead", "queue paused", ...'),
  })
  .meta({ id: 'JobWithEstimate' }) satisfies z.ZodType<JobWithEstimate>;

export const jobPageSchema = z
  .object({
    jobs: z.array(jobSchema),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'JobPage' }) satisfies z.ZodType<JobPage>;

const foundRows = z.object({
  total: z.int(),
  valid: z.int(),
  invalid: z.int(),
  duplicate: z.int(),
  sheet: z.string().optional().describe('The sheet of the workbook that was read; absent for CSV'),
  otherSheets: z
    .array(z.string())
    .optional()
    .describe('Visible sheets that hold such values too and were not read; absent for CSV'),
  hiddenRows: z.int().optional().describe('Rows that are hidden, by a filter say, and read like others'),
  otherColumns: z
    .array(z.string())
    .optional()
    .describe('Headers of columns that hold such values too and were not read'),
});

export const submittedSchema = z
  .object({
    jobId: z.guid(),
    queuePosition: z.int().nullable(),
    estimatedWaitTime: z.number().nullable().describe('Milliseconds'),
    rows: foundRows
      .optional()
      .describe('Of the workbook in the form; of CSV only when it has columns that were not read'),
  })
  .meta({ id: 'Submitted' });

export const manySchema = z
  .object({
    jobs: z.array(
      z.object({
        jobId: z.guid().nullable().describe('Null for one that was refused'),
        isNew: z.boolean().describe('False for one that was submitted before, with the same idempotency key'),
        error: error.nullable(),
      }),
    ),
  })
  .meta({ id: 'SubmittedMany' }) satisfies z.ZodType<{ jobs: ManyOutcome[] }>;

export const selectionSchema = z
  .object({
    count: z.int(),
    selection: z.string().describe('What the second call sends along'),
  })
  .meta({ id: 'Selection' }) satisfies z.ZodType<Selection>;

const linkedJobs = z.array(
  z
    .object({
      jobId: z.guid(),
      serviceId: z.string(),
      serviceName: z.string(),
      fileName: z.string().nullable(),
      status,
      onFailure: z
        .enum(['fail', 'cancel', 'run'])
        .describe('What becomes of the dependent job when the other one fails or is cancelled'),
      isOpen: z.boolean().describe('The dependent job still waits for the other one'),
    })
    .meta({ id: 'LinkedJob' }),
);

export const dependenciesSchema = z
  .object({
    dependsOn: linkedJobs,
    dependents: linkedJobs,
  })
  .meta({ id: 'JobDependencies' }) satisfies z.ZodType<JobDependencies>;

export const attemptsSchema = z.array(
  z
    .object({
      attempt: z.int(),
      outcome: z.enum(['completed', 'retry', 'failed', 'cancelled', 'released', 'lost']),
      queueWaitMs: z.int(),
      runMs: z.int(),
      endedAt: time,
      browser: z
        .object({
          isSpare: z.boolean().describe('It had been launched before there was a job for it'),
          launchMs: z.int(),
          handOverMs: z.int().describe('From the wish for a browser until the attempt had it'),
          closeMs: z.int().describe('Until its processes and its directory were gone'),
          peakMemoryBytes: z.int().nullable().describe('Null, like what follows, on another machine'),
          cpuMs: z.int().nullable().describe('Of one core, by all its processes'),
          bytesReceived: z.int().nullable(),
          bytesSent: z.int().nullable(),
          requests: z.int().nullable().describe('Plain requests, and secure connections'),
        })
        .nullable()
        .describe('Null if it had none, or its worker died with it'),
    })
    .meta({ id: 'Attempt' }),
) satisfies z.ZodType<EndedAttempt[]>;

/** The answer for one row. */
export const rowSchema = z
  .object({
    index: z.int(),
    line: z.int().nullable().describe('Line of the file; null for a row that comes from no file'),
    key: z.string(),
    status: z.enum(['completed', 'failed', 'invalid', 'duplicate']),
    data: z.record(z.string(), json),
    error: error.nullable(),
  })
  .meta({ id: 'Row' });

export const resultsSchema = z
  .object({
    jobId: z.guid(),
    status,
    summary: z.record(z.string(), json).nullable(),
    rows: z.array(rowSchema),
    artifacts: z.array(
      z
        .object({
          id: z.guid(),
          name: z.string(),
          contentType: z.string(),
          size: z.int().describe('Bytes'),
          rowIndex: z.int().nullable(),
          createdAt: time,
          url: z.string(),
        })
        .meta({ id: 'Artifact' }),
    ),
  })
  .meta({ id: 'Results' }) satisfies z.ZodType<ReturnType<typeof toResultsJson>>;

const queueShape = {
  name: z.string(),
  concurrencyLimit: z.int().nullable(),
  isPaused: z.boolean(),
  pending: z.int(),
  processing: z.int(),
  oldestWaitMs: z.int().nullable(),
};

export const queueInfoSchema = z
  .object({
    pending: z.int(),
    processing: z.int(),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    activeWorkers: z.int(),
    countedAt: time.describe('When the jobs were counted'),
    queues: z.array(z.object(queueShape).meta({ id: 'QueueFigures' })),
    storage: z
      .object({ usedBytes: z.int(), maxBytes: z.int() })
      .describe('Of the caller: uploads and files of jobs'),
  })
  .meta({ id: 'QueueInfo' }) satisfies z.ZodType<QueueInfo>;

export const queuesSchema = z.array(
  z
    .object({
      ...queueShape,
      services: z.array(z.object({ id: z.string(), name: z.string(), isChosen: z.boolean() })),
      workerSlots: z.int(),
    })
    .meta({ id: 'Queue' }),
) satisfies z.ZodType<Queue[]>;

export const doneSchema = z.object({ ok: z.boolean() }).meta({ id: 'Done' });

export const boundSchema = z.object({
  ok: z.boolean(),
  moved: z.int().describe('Waiting jobs that were moved'),
});

export const workersSchema = z.array(
  z
    .object({
      id: z.guid(),
      host: z.string(),
      pid: z.int(),
      version: z.string(),
      services: z.array(z.string()),
      queues: z.array(z.string()).nullable(),
      concurrency: z.int(),
      status: z.enum(['active', 'draining', 'stopped', 'lost']),
      startedAt: time,
      heartbeatAt: time,
      running: z.array(z.object({ jobId: z.guid(), serviceId: z.string(), attempt: z.int() })),
    })
    .meta({ id: 'Worker' }),
) satisfies z.ZodType<Worker[]>;

export const cleanupSchema = z
  .object({
    rescuedJobs: z.int(),
    expiredJobs: z.int(),
    deletedFiles: z.int(),
    deletedUploads: z.int(),
  })
  .meta({ id: 'Cleanup' });

export const uploadSchema = z
  .object({
    uploadId: z.guid(),
    fileName: z.string(),
    rows: foundRows,
  })
  .meta({ id: 'Upload' });

export const errorSchema = z
  .object({
    error: z.object({
      code: z.string().describe('Stable; what a program looks at'),
      message: z.string().describe('A sentence for people'),
      requestId: z.string(),
      details: z.record(z.string(), json).optional(),
    }),
  })
  .meta({ id: 'Error' });
