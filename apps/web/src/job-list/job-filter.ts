import type { JobCondition, JobStatus } from '@gantry/client';

/** The five states, in the order of a job's life. */
export const JOB_STATUSES = [
  'pending',
  'processing',
  'completed',
  'failed',
  'cancelled',
] as const satisfies JobStatus[];

/** Which jobs a list shows; it lives in the address, so that a view can be linked and gone back to. */
export type JobFilter = { status?: JobStatus; service?: string; tag?: string; q?: string };

/** Reads a filter from an address; what makes no sense is left out. */
export function readJobFilter(search: Record<string, unknown>): JobFilter {
  const status = JOB_STATUSES.find((candidate) => candidate === search['status']);
  const { service } = search;
  const [tag, q] = [asText(search['tag']), asText(search['q'])];
  return {
    ...(status !== undefined && { status }),
    ...(typeof service === 'string' && service !== '' && { service }),
    ...(tag !== '' && { tag }),
    ...(q !== '' && { q }),
  };
}

/** The filter as the API knows it. */
export function toJobCondition({ status, service, tag, q }: JobFilter): JobCondition {
  return {
    ...(status !== undefined && { status }),
    ...(service !== undefined && { serviceId: service }),
    ...(tag !== undefined && { tag }),
    ...(q !== undefined && { search: q }),
  };
}

// The router reads an unquoted number as one: a tag, or the beginning of a job's id, may look like that.
function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
