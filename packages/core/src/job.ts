import type { JobStatus, StatusReason, WaitReason } from '@gantry/contract';

import type { JsonObject } from './json.ts';

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
  /** How many rows failed, as the summary of a completed job counts them; null where it does not say. */
  failedRows: number | null;
  step: string | null;
  error: { code: string; message: string } | null;
  fileName: string | null;
  tags: string[];
  /** How many jobs it still waits for; it is not in line before that is 0. */
  blockedBy: number;
  /** The job that this one repeats; null too when that one is gone. */
  rerunOf: string | null;
  /** The schedule that submitted it; null too when that one is gone. */
  scheduleId: string | null;
  /** The tick of the schedule that it stands for. */
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

/** Where a job stands in its queue. */
export type WaitEstimate = {
  /**
   * 1 is next, 0 is running; null is finished, or not in line yet (scheduled, backing off, waiting for other jobs).
   * With more than 5,000 jobs ahead 5,001, which `wait` says too.
   */
  queuePosition: number | null;
  /** Milliseconds until it probably starts (the median); null when nothing can be said. */
  estimatedWaitTime: number | null;
  /**
   * The wait in half of all such cases, and in nine of ten; `p90Ms` is null when more jobs are ahead than are counted,
   * and `p50Ms` then is the least.
   */
  estimatedWaitRange: { p50Ms: number; p90Ms: number | null } | null;
  /** Why it waits; null unless it is pending. */
  wait: WaitReason | null;
  /**
   * {@link WaitEstimate.wait} in a few words: `next`, `2 ahead`, `over 5,000 ahead`, `queue paused`,
   * `no worker for this service`, `waits for 2 jobs`, `scheduled for 2026-01-31T08:00:00Z`, `waiting to retry`.
   */
  waitReason: string | null;
};

/** A job and where it stands. */
export type JobWithEstimate = Job & WaitEstimate;

/** The answer for one row of the uploaded file. */
export type RowResult = {
  /** Position among the data rows, from 0. */
  index: number;
  /** Line of the user's file; null for a row that comes from no file, and for rows older than this field. */
  line: number | null;
  /** What the row is about: a container number, a URL. */
  key: string;
  status: 'completed' | 'failed' | 'invalid' | 'duplicate';
  data: JsonObject;
  error: { code: string; message: string } | null;
};

/** A file that an attempt made. */
export type Artifact = {
  id: string;
  jobId: string;
  attempt: number;
  name: string;
  contentType: string;
  /** Bytes. */
  size: number;
  sha256: string;
  storageKey: string;
  rowIndex: number | null;
  createdAt: string;
};

/** Everything that a job found. */
export type JobResults = {
  jobId: string;
  status: JobStatus;
  summary: JsonObject | null;
  rows: RowResult[];
  /** Of several attempts' files of one name, the newest. */
  artifacts: Artifact[];
};
