import type { JobStatus } from '@gantry/client';

/** The five states, in the order of a job's life. */
export const JOB_STATUSES = [
  'pending',
  'processing',
  'completed',
  'failed',
  'cancelled',
] as const satisfies JobStatus[];

/** Which jobs a list shows; it lives in the address, so that a view can be linked and gone back to. */
export type JobFilter = { status?: JobStatus; service?: string; q?: string };

/** Reads a filter from an address; what makes no sense is left out. */
export function readJobFilter(search: Record<string, unknown>): JobFilter {
  const status = JOB_STATUSES.find((candidate) => candidate === search['status']);
  const { service, q } = search;
  return {
    ...(status !== undefined && { status }),
    ...(typeof service === 'string' && service !== '' && { service }),
    // The router reads an unquoted number as one: the beginning of a job's id may look like that.
    ...((typeof q === 'string' || typeof q === 'number') && q !== '' && { q: String(q) }),
  };
}
