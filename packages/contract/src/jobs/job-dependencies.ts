import { z } from 'zod';

import type { JobStatus } from './job-status.ts';
import { jobStatusSchema } from './job-status-schema.ts';

/** What becomes of a job when one that it runs after fails or is cancelled: it fails too, is cancelled, or runs all the same. */
export type OnFailure = 'fail' | 'cancel' | 'run';

/** The other end of a dependency. */
export type LinkedJob = {
  jobId: string;
  serviceId: string;
  serviceName: string;
  fileName: string | null;
  status: JobStatus;
  /** What becomes of the dependent job when the other one fails or is cancelled. */
  onFailure: OnFailure;
  /** The dependent job still waits for the other one. */
  isOpen: boolean;
};

/** What a job runs after, and what runs after it, each in the order of submission. */
export type JobDependencies = { dependsOn: LinkedJob[]; dependents: LinkedJob[] };

const linkedJobs = z.array(
  z
    .object({
      jobId: z.guid(),
      serviceId: z.string(),
      serviceName: z.string(),
      fileName: z.string().nullable(),
      status: jobStatusSchema,
      onFailure: z
        .enum(['fail', 'cancel', 'run'])
        .describe('What becomes of the dependent job when the other one fails or is cancelled'),
      isOpen: z.boolean().describe('The dependent job still waits for the other one'),
    })
    .meta({ id: 'LinkedJob' }),
);

/** {@link JobDependencies} on the wire. */
export const jobDependenciesSchema = z
  .object({ dependsOn: linkedJobs, dependents: linkedJobs })
  .meta({ id: 'JobDependencies' }) satisfies z.ZodType<JobDependencies>;
