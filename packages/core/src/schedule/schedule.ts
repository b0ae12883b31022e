import type { ErrorCode, JobStatus } from '@gantry/contract';

import type { JsonValue } from '../json.ts';

/** What becomes of a tick while a job of an earlier one has not finished: it is skipped, or its job queues behind. */
export type Overlap = 'skip' | 'queue';

/** What became of a tick. */
export type ScheduleFire = {
  /** The time that the schedule said. */
  fireAt: string;
  /** `submitted` a job; `skipped` because an earlier one has not finished; `refused` for the reason given. */
  outcome: 'submitted' | 'skipped' | 'refused';
  reason: { code: ErrorCode; message: string } | null;
  /** The job, which may have expired since: then `jobStatus` is null. */
  jobId: string | null;
  jobStatus: JobStatus | null;
  /** When somebody came to it: later than `fireAt` where nothing ran at that time. */
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
  nextFireAt: string | null;
  lastFire: ScheduleFire | null;
  createdAt: string;
  updatedAt: string;
};
