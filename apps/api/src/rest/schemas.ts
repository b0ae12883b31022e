import {
  errorDetailSchema,
  jobStatusSchema,
  jsonObjectSchema,
  queueInfoSchema,
  rowResultSchema,
} from '@gantry/contract';
import { z } from 'zod';

import type { toResultsJson } from '../jobs/results-json.ts';
import type { ManyOutcome } from '../submissions/submit-many.ts';

// What the REST routes answer beside what the contract has, for the OpenAPI document.

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
        error: errorDetailSchema.nullable(),
      }),
    ),
  })
  .meta({ id: 'SubmittedMany' }) satisfies z.ZodType<{ jobs: ManyOutcome[] }>;

export const resultsSchema = z
  .object({
    jobId: z.guid(),
    status: jobStatusSchema,
    summary: jsonObjectSchema.nullable(),
    rows: z.array(rowResultSchema),
    artifacts: z.array(
      z
        .object({
          id: z.guid(),
          name: z.string(),
          contentType: z.string(),
          size: z.int().describe('Bytes'),
          rowIndex: z.int().nullable(),
          createdAt: z.iso.datetime(),
          url: z.string(),
        })
        .meta({ id: 'Artifact' }),
    ),
  })
  .meta({ id: 'Results' }) satisfies z.ZodType<ReturnType<typeof toResultsJson>>;

export const queueInfoWithStorageSchema = z
  .object({
    ...queueInfoSchema.shape,
    storage: z
      .object({ usedBytes: z.int(), maxBytes: z.int() })
      .describe('Of the caller: uploads and files of jobs'),
  })
  .meta({ id: 'QueueInfo' });

export const scheduleTimesSchema = z
  .object({ times: z.array(z.iso.datetime()) })
  .meta({ id: 'ScheduleTimes' });

export const doneSchema = z.object({ ok: z.boolean() }).meta({ id: 'Done' });

export const boundSchema = z.object({
  ok: z.boolean(),
  moved: z.int().describe('Waiting jobs that were moved'),
});

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
      details: jsonObjectSchema.optional(),
    }),
  })
  .meta({ id: 'Error' });
