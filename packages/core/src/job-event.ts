import type { JobStatus, StatusReason } from '@gantry/contract';

import type { RowResult } from './job.ts';
import type { JsonObject } from './json.ts';

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

/** What a worker may append. States and artifacts come with the operations that make them. */
export type NewJobEvent =
  | Extract<JobEventBody, { type: 'progress' | 'step' | 'log' }>
  | { type: 'row'; data: Omit<RowResult, 'line'> & Partial<Pick<RowResult, 'line'>> };
