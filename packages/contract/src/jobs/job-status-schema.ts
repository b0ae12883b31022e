import { z } from 'zod';

import type { JobStatus } from './job-status.ts';

/** A {@link JobStatus} on the wire. */
export const jobStatusSchema = z
  .enum(['pending', 'processing', 'completed', 'failed', 'cancelled'])
  .meta({ id: 'JobStatus' }) satisfies z.ZodType<JobStatus>;
